"""The class at a glance, on a terminal: results, misconceptions, and what needs a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.class_results import Alike
from grader.render.class_figures import ClassFigures, ExerciseFigures, LearnerFigures
from grader.render.class_views import Describe, alike_views, in_words
from grader.render.columns import Columns
from grader.render.foreign import harmless
from grader.render.glyphs import UNICODE, Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.words import counted, decimal, percent, prose, short
from grader.results import Outcome

__all__ = ["ClassGlance"]

MOST = 8  # misconceptions and groups
NAMED = 5  # names in a list
BESIDE = 66  # columns of everything but the bar
LONGEST_NAME = 30  # characters
OTHERS = (Outcome.NOT_STARTED, Outcome.MISSING, Outcome.UNGRADED)


class ClassGlance:
    """A class on a terminal.

    alike: groups that look alike. describe: returns a misconception's sentence and why it matters,
    by its code. files: what was written, each with a description. onward: next steps, a paragraph
    each.
    """

    def __init__(
        self,
        figures: ClassFigures,
        alike: Sequence[Alike] = (),
        *,
        describe: Describe = in_words,
        files: Sequence[tuple[str, str]] = (),
        onward: Sequence[str] = (),
    ) -> None:
        self.figures = figures
        self.alike = alike
        self.describe = describe
        self.files = files
        self.onward = onward

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        yield Heading("The class at a glance", f"seed {self.figures.seed}")
        yield GAP
        yield from self._summary()
        yield from self._exercises(options.max_width, glyphs)
        yield from self._mistakes()
        yield from self._scores(options.max_width, glyphs)
        yield from self._alike()
        yield from self._attention()
        yield from self._onward()

    def _summary(self) -> RenderResult:
        figures = self.figures
        count = len(figures.learners)
        said = counted(count, "submission")
        if count:
            share = percent(figures.complete, count)
            said += f"; {figures.complete} passed everything ({share})"
        yield Hanging("", Text(f"{said}.", "title"))
        yield GAP

    def _exercises(self, width: int, glyphs: Glyphs) -> RenderResult:
        headings = ("Exercise", "Title", "", "Passed", "Not yet", "Other")
        columns = Columns(headings, wraps=1, numbers=3)
        bar = min(30, max(10, width - BESIDE))
        for exercise in self.figures.exercises:
            columns.add(*_row(exercise, bar, glyphs))
        yield columns
        others = Text("Other: not started, no file, not graded.", "aside")
        if any(exercise.of(outcome) for exercise in self.figures.exercises for outcome in OTHERS):
            yield Hanging("", others)
        yield GAP

    def _mistakes(self) -> RenderResult:
        found = self.figures.misconceptions
        if not found:
            return
        yield Hanging("", Text("What was not understood", "label"))
        digits = len(str(found[0].learners))
        for one in found[:MOST]:
            body = prose(self.describe(one.code)[0])
            where = ", ".join(short(name) for name, _ in one.exercises)
            body.append(f"  {where}", "aside")
            yield Hanging(f"{one.learners:>{digits}}  ", body, 2)
        yield from _more(len(found) - MOST, "mistake")
        yield GAP

    def _scores(self, width: int, glyphs: Glyphs) -> RenderResult:
        figures = self.figures
        if figures.median is None or figures.mean is None:
            return
        middle = f"median {decimal(figures.median)}, mean {decimal(figures.mean)}"
        middle += f" of {figures.max_score}"
        yield Hanging("", Text.assemble(("Scores", "label"), (f"  {middle}", "aside")))
        labels = [
            str(one.low) if one.low == one.high else f"{one.low}{glyphs.to}{one.high}"
            for one in figures.scores
        ]
        widest = max(map(len, labels))
        digits = max(len(str(one.learners)) for one in figures.scores)
        room = min(40, width - widest - digits - 6)
        most = max(one.learners for one in figures.scores)
        for label, one in zip(labels, figures.scores, strict=True):
            bar = _cells(one.learners, most, room) * _signs(glyphs)[0]
            line = Text.assemble(f"  {label:>{widest}}  {one.learners:>{digits}}  ", (bar, "code"))
            line.rstrip()
            yield line
        yield GAP

    def _alike(self) -> RenderResult:
        groups = alike_views(self.alike, self.figures)
        if not groups:
            return
        title = Text.assemble(("Look alike", "label"), ("  worth a look, no proof", "aside"))
        yield Hanging("", title)
        for group in groups[:MOST]:
            body = Text(f"{counted(len(group.members), 'submission')}, {group.words}: ")
            body.append(_names(group.members))
            yield Hanging(f"{short(group.exercise)}  ", body, 2)
        yield from _more(len(groups) - MOST, "group")
        yield GAP

    def _attention(self) -> RenderResult:
        figures = self.figures
        rows = [
            ("not graded", "ungraded", figures.ungraded),
            ("flagged", "missing", figures.flagged),
            ("late", "", figures.late),
        ]
        shown = [row for row in rows if row[2]]
        if not shown:
            return
        yield Hanging("", Text("Worth a look", "label"))
        for words, style, learners in shown:
            mark = Text.assemble((f"{len(learners)} {words}", style), ": ")
            yield Hanging(mark, _names(learners), 2)
        yield GAP

    def _onward(self) -> RenderResult:
        if self.files:
            yield Hanging("", Text("Written", "label"))
            widest = max(len(name) for name, _ in self.files)
            for name, purpose in self.files:
                mark = Text(f"{harmless(name):<{widest}}  ", "code")
                yield Hanging(mark, Text(purpose, "aside"), 2)
            yield GAP
        for words in self.onward:
            yield Hanging(Text("Next: ", "label"), prose(words))


def _row(exercise: ExerciseFigures, width: int, glyphs: Glyphs) -> Iterator[Text]:
    count = sum(exercise.outcomes.values())
    others = sum(exercise.of(outcome) for outcome in OTHERS)
    yield Text(short(exercise.exercise), "title")
    yield prose(exercise.title)
    yield _bar(exercise.passed, count, width, glyphs)
    yield Text.assemble((str(exercise.passed), "passed"), f"{percent(exercise.passed, count):>6}")
    yield Text(str(exercise.of(Outcome.FAILED)))
    yield Text(str(others))


def _bar(part: int, whole: int, width: int, glyphs: Glyphs) -> Text:
    full, empty = _signs(glyphs)
    cells = _cells(part, whole, width)
    return Text.assemble((full * cells, "passed"), (empty * (width - cells), "aside"))


def _signs(glyphs: Glyphs) -> tuple[str, str]:
    return ("█", "░") if glyphs is UNICODE else ("#", ".")


def _cells(part: int, whole: int, width: int) -> int:
    """Return a bar's length: at least one cell unless `part` is 0, and full only for the whole."""
    cells = round(width * part / whole) if whole else 0
    return min(max(1, cells), width - 1) if 0 < part < whole else cells


def _names(learners: Sequence[LearnerFigures]) -> str:
    """Return the first few names, and how many more there are."""
    names = [harmless(one.name, most=LONGEST_NAME).replace("\n", " ") for one in learners[:NAMED]]
    more = len(learners) - NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _more(number: int, what: str) -> RenderResult:
    if number > 0:
        yield Hanging("", Text(f"and {counted(number, f'more {what}')}", "aside"), 2)
