"""Packs the learners of a class into JSON, which the script of the page shows as it is asked for.

A page of 10,000 learners with an element for everything would be some 100 MB. As data each text is there
once: for all in the index, which says who is there, and for each hundred learners in their part, which
holds the details.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.class_results import Alike
from grader.render.class_details import DetailView, ExerciseView, FindingView
from grader.render.class_figures import ClassFigures
from grader.render.class_views import AlikeView, RowView, is_common, row_views
from grader.render.foreign import harmless
from grader.render.glyphs import UNICODE
from grader.render.words import STATES, short
from grader.results import Outcome

__all__ = ["PART", "Sources", "index_of", "parts_of"]

PART = 100  # learners in a part: some 100 KB, which a browser reads in a few milliseconds
LARGEST_SOURCE = 64 << 10  # characters of a file that is shown beside another
MOST_BESIDE = 12  # members of a group whose files are shown
_ENDING = re.compile(r"<(?=[!/sS])")
OUTCOMES = tuple(Outcome)


class Texts:
    """Gives each text a number, so that it stands in the data once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        return self.plain(harmless(text))

    def plain(self, text: str) -> int:
        """Return the number of a text that is harmless already, such as a drawing."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


class Sources:
    """Says whose files are shown beside each other: those of groups that are not the obvious way."""

    def __init__(self, alike: Sequence[Alike], learners: int) -> None:
        self._wanted: dict[str, set[str]] = {}
        for group in alike:
            if not is_common(group, learners):
                for name in group.submissions[:MOST_BESIDE]:
                    self._wanted.setdefault(name, set()).add(group.exercise)

    def of(self, submission: str) -> frozenset[str]:
        """Return the exercises of which a submission's file is shown."""
        return frozenset(self._wanted.get(submission, ()))


def index_of(
    figures: ClassFigures, groups: Sequence[AlikeView], verdicts: Mapping[Outcome, str]
) -> Iterator[str]:
    """Yield the index, piece by piece: who is there, with points and what they can be found by.

    verdicts: the words for a check's outcome.
    """
    tags = Texts()
    words = {
        "exercises": [one.exercise for one in figures.exercises],
        "shorts": [short(one.exercise) for one in figures.exercises],
        "titles": [harmless(one.title) for one in figures.exercises],
        "outcomes": [one.value for one in OUTCOMES],
        "states": [STATES[one] for one in OUTCOMES],
        "verdicts": [verdicts.get(one, STATES[one]) for one in OUTCOMES],
        "signs": [UNICODE.of(one) for one in OUTCOMES],
        "part": PART,
        "groups": {
            group.number: [group.exercise, [one.number for one in group.members[:MOST_BESIDE]]]
            for group in groups
            if not group.common
        },
    }
    yield _escaped(json.dumps(words, ensure_ascii=False)[:-1]) + ',"rows":['
    separator = ""
    for row in row_views(figures, groups):
        yield separator + _json(_row(row, tags))
        separator = ","
    yield '],"tags":' + _json(tags.all()) + "}"


def _row(row: RowView, tags: Texts) -> list[Any]:
    one = row.learner
    return [
        harmless(one.name),
        one.score,
        "".join("-" if cell is None else str(OUTCOMES.index(cell.outcome)) for cell in row.cells),
        [0 if cell is None else cell.points for cell in row.cells],
        [tags(tag) for tag in row.tags.split(" ")],
        harmless(row.notes),
    ]


def parts_of(details: Iterable[DetailView]) -> Iterator[str]:
    """Yield the details, a hundred learners at a time."""
    for some in _batched(details):
        texts = Texts()
        rows = [_detail(one, texts) for one in some]
        yield _json({"learners": rows, "texts": texts.all()})


def _batched(details: Iterable[DetailView]) -> Iterator[Iterator[DetailView]]:
    """Yield groups of details, each of which is read one at a time."""
    iterator = iter(details)
    for first in iterator:
        yield _some(first, iterator)


def _some(first: DetailView, rest: Iterator[DetailView]) -> Iterator[DetailView]:
    yield first
    for _, one in zip(range(PART - 1), rest, strict=False):
        yield one


def _detail(one: DetailView, texts: Texts) -> dict[str, Any]:
    figures = one.figures
    data: dict[str, Any] = {
        "said": texts(_standing(one)),
        "identity": texts(one.identity),
        "note": texts(figures.note),
        "adjusted": [texts(said) for said in one.adjusted],
        "doubts": [[texts(each.path), texts(each.reason)] for each in one.doubts],
        "unused": [[texts(each.path), texts(each.reason)] for each in one.unused],
        "exercises": [_exercise(each, texts) for each in one.exercises],
    }
    if one.sources:
        data["sources"] = {
            name: texts(source[:LARGEST_SOURCE]) for name, source in one.sources.items()
        }
    # Most have most of these: what is empty is left out.
    return {name: value for name, value in data.items() if value or name == "said"}


def _standing(one: DetailView) -> str:
    figures = one.figures
    words = {
        f"in the end {figures.final}": figures.final,
        "late": figures.late,
        "not graded": figures.ungraded,
        "flagged": figures.flags,
    }
    said = [f"{figures.score} of {figures.max_score} points"]
    return ", ".join([*said, *(word for word, holds in words.items() if holds)])


def _exercise(one: ExerciseView, texts: Texts) -> list[Any]:
    result = one.result
    return [
        texts(short(result.exercise)),
        texts(result.title),
        OUTCOMES.index(result.outcome),
        result.score,
        result.max_score,
        one.passed,
        texts(result.note),
        [texts(flag) for flag in result.flags],
        [_finding(each, texts) for each in one.findings],
    ]


def _finding(one: FindingView, texts: Texts) -> list[Any]:
    drawing = texts.plain(one.timeline) if one.timeline else (-1 if one.left_out else -2)
    return [
        OUTCOMES.index(one.check.outcome),
        texts(one.check.title),
        texts(one.tag),
        [texts(line) for line in one.message],
        texts(one.mistake),
        [[line.number, texts(line.code), int(line.guilty)] for line in one.lines],
        drawing,
    ]


def _json(data: Any) -> str:
    return _escaped(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _escaped(text: str) -> str:
    """Return JSON in which nothing ends the script element that it stands in, or begins another.

    HTML's "restrictions for contents of script elements": no `</script`, `<!--` or `<script`. Drawings
    have too many other `<` to escape them all.
    """
    return _ENDING.sub(r"\\u003c", text)
