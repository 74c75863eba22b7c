"""The screens of `predict`: a scenario before it runs, and the answers beside what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.predict import NEVER, Question
from grader.render.exercise import heading
from grader.render.foreign import harmless
from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging, aligned
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import no_timeline, scenario_words
from grader.render.timeline.view import WIDEST, Timeline
from grader.render.words import counted, prose
from grader.results import CheckResult, ExerciseResult, Outcome, Sight
from grader.trace import Trace

__all__ = ["Compared", "Given"]

NARROW = 100  # the most columns for plain text
_MANY = {"try": "tries"}


class Given:
    """What is known before the run: the calls, and what the service does."""

    def __init__(self, result: ExerciseResult, trace: Trace) -> None:
        self.result = result
        self.trace = trace

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.update(width=min(NARROW, options.max_width))
        for part in self._parts(options):
            yield from console.render(part, narrow)

    def _parts(self, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield heading(self.result, glyphs_for(options))
        yield Text()
        yield Hanging("", Text(scenario_words(self.trace.raw)), 1)
        for words in self.trace.raw.get("told") or ():
            yield Hanging("", Text(harmless(words)), 1)
        yield Text()
        yield Hanging(
            "", prose("Your code as it is now: what will it do? (Enter: I do not know.)"), 1
        )
        yield Text()


class Compared:
    """The answers, the truth, the reasons, and all of it on the timeline of the run."""

    widest = WIDEST

    def __init__(
        self,
        result: ExerciseResult,
        check: CheckResult | None,
        answers: Sequence[tuple[Question, float | None]],
        again: str = "",
    ) -> None:
        self.result = result
        self.check = check
        self.answers = answers
        self.again = again

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        trace = self.check.observation.trace if self.check is not None else None
        drawing = draw_raw(trace)
        if drawing is None or not self.answers:
            yield Hanging("", prose(self._nothing()), 1)
            return
        yield GAP
        sights = sorted(self._sights(), key=lambda sight: sight.at)
        yield Timeline(replace(drawing, notes=tuple(sights)))
        yield GAP
        narrow = options.update(width=min(NARROW, options.max_width))
        for number, (question, answer) in enumerate(self.answers, 1):
            yield from console.render(Hanging(f"{number}. ", _verdict(question, answer), 1), narrow)
        yield GAP
        right = sum(question.is_answered_by(answer) for question, answer in self.answers)
        count = f"{right} of {len(self.answers)} as you said. No points hang on it."
        yield Hanging("", Text(count, "aside"), 1)
        yield from aligned([(self.again, "with other inputs")], narrow.max_width, 6)

    def _nothing(self) -> str:
        if self.result.outcome in (Outcome.MISSING, Outcome.UNGRADED) or self.check is None:
            return no_timeline(self.result, self.result.first_failure)
        return "There is nothing to predict here: no try was made that could be asked about."

    def _sights(self) -> Iterator[Sight]:
        for number, (question, answer) in enumerate(self.answers, 1):
            right = question.is_answered_by(answer)
            text = f"{number}. {question.text} {_said(question, question.answer)}"
            yield Sight(question.at, question.task, text, "", wrong=not right)
            if not right and answer is not None and question.unit == "s" and answer < NEVER:
                told = f"{number}. You said here: {_said(question, answer)}"
                yield Sight(answer, question.task, told, "", wrong=False)


def _verdict(question: Question, answer: float | None) -> Text:
    truth = _said(question, question.answer)
    if question.is_answered_by(answer):
        start = Text.assemble(("Right", "passed"), f": {truth}. ")
    elif answer is None:
        start = Text.assemble(("The answer", "title"), f": {truth}. ")
    else:
        start = Text.assemble(
            ("Not so", "failed"), f": you said {_said(question, answer)}, it is {truth}. "
        )
    return start.append_text(prose(question.reason))


def _said(question: Question, answer: float) -> str:
    if answer == NEVER:
        return "never"
    if question.unit == "s":
        return f"{answer:.3f} s"
    return counted(int(answer), question.unit, _MANY.get(question.unit, ""))
