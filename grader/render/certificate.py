"""The screen of `certificate`: what is done, and what the learner can do now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.course.catalog import TITLE
from grader.render.foreign import harmless
from grader.render.layout import GAP, Hanging, Heading
from grader.render.words import counted, prose

__all__ = ["Certificate", "Part", "done_words", "summary"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Part:
    """A part of the course that is done.

    hints: how many were asked for. on: the day on which the last of it passed first (ISO 8601).
    learned: what each exercise has taught.
    """

    track: str
    exercises: int
    score: int
    max_score: int
    hints: int
    on: str
    learned: tuple[str, ...]


class Certificate:
    """A certificate on a screen. name: whose it is, if it was given."""

    def __init__(self, parts: Sequence[Part], name: str = "") -> None:
        self.parts = parts
        self.name = name

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Heading("Certificate", TITLE)
        yield GAP
        yield Hanging("", Text(summary(self.parts, self.name)), 1)
        for part in self.parts:
            yield GAP
            yield from _part(part)
        yield GAP
        yield Hanging("", Text("Judged by what the code did, run by run.", "aside"), 1)


def _part(part: Part) -> Iterator[Hanging]:
    yield Hanging(
        "", Text.assemble((harmless(part.track).capitalize(), "title"), done_words(part)), 1
    )
    for learned in part.learned:
        yield Hanging("- ", prose(learned), 3)


def summary(parts: Sequence[Part], name: str) -> str:
    """Return the sentence that says who has done how much."""
    exercises = sum(part.exercises for part in parts)
    score, most = sum(part.score for part in parts), sum(part.max_score for part in parts)
    who = f"{harmless(name)} has done" if name else "Done:"
    by = _day(max(part.on for part in parts))
    return f"{who} {counted(exercises, 'exercise')}, {score} of {most} points, by {by}."


def done_words(part: Part) -> str:
    """Return how a part was done: exercises, points, hints, the day."""
    hints = counted(part.hints, "hint") if part.hints else "no hints"
    return (
        f"  {counted(part.exercises, 'exercise')}, {part.score} of {part.max_score} points, {hints}, "
        f"{_day(part.on)}"
    )


def _day(on: str) -> str:
    """Write a day as `30 November 2026`, in whatever locale."""
    try:
        day = date.fromisoformat(on)
    except ValueError:  # of an unknown format
        return on
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
