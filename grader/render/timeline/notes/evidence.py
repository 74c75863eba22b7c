"""A trace, what was asked of it, and what the check had to say: all that notes are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from grader.render.foreign import harmless
from grader.render.timeline.lanes import Cast
from grader.render.timeline.model import Finding, Note
from grader.render.timeline.notes.moments import Moment, moments
from grader.trace import Trace, Try, Wait

__all__ = ["Evidence", "where"]

LONGEST_ITEM = 24  # characters of an item's name in a sentence


class Evidence:
    """What the detectors of notes look at.

    asked: the options of the scenario. pipeline: it called `run_pipeline`, not single consumers.
    """

    def __init__(self, trace: Trace, cast: Cast, finding: Finding) -> None:
        self.trace = trace
        self.cast = cast
        self.finding = finding
        self.asked: Mapping[str, Any] = trace.raw.get("asked") or {}
        self.pipeline = not trace.consumers

    @property
    def attempts(self) -> int:
        """How many tries an item has in all."""
        return int(self.asked.get("attempts", 1 if self.pipeline else 4))

    @property
    def consumers(self) -> int | None:
        """How many items may be worked on at once, None where nobody said."""
        asked = self.asked.get("consumers", len(self.trace.consumers) or None)
        return asked if type(asked) is int else None

    @property
    def failing(self) -> bool:
        """Whether the check had anything to say."""
        return bool(self.finding.code or self.finding.message)

    @cached_property
    def by_item(self) -> dict[int, list[Try]]:
        """The tries of each item, in order."""
        found: dict[int, list[Try]] = defaultdict(list)
        for one in self.trace.tries:
            found[one.item].append(one)
        return dict(found)

    @cached_property
    def settled(self) -> dict[int, Try]:
        """The try that settled each item: it succeeded, broke, or was the last one allowed."""
        found: dict[int, Try] = {}
        for one in self.trace.tries:
            given_up = one.outcome == "transient" and one.number >= self.attempts
            if one.end is not None and (one.outcome in ("ok", "error") or given_up):
                found.setdefault(one.item, one)
        return found

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """The pipeline at each moment at which time passes."""
        return tuple(moments(self.trace, self.settled))

    def item(self, number: int | None) -> str:
        """`item 7`, for a sentence."""
        if number is None:
            return "something else"
        name = harmless(self.trace.name(number), most=LONGEST_ITEM).replace("\n", " ")
        return f"item {name or repr('')}"

    def items(self, numbers: list[int]) -> str:
        """`items 7, 8 and 3 more`."""
        names = [self.item(number).removeprefix("item ") for number in numbers[:3]]
        more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
        return f"item{'s' if len(numbers) > 1 else ''} {', '.join(names)}{more}"

    def note(
        self,
        at: float,
        task: int | None,
        code: str,
        text: str,
        *,
        wrong: bool = True,
        around: tuple[float, float] | None = None,
    ) -> Note:
        """A note in the lane of a task."""
        return Note(at, None if task is None else self.cast.shown(task), text, code, wrong, around)

    def waiting(self, waits: tuple[Wait, ...]) -> str:
        """`C1, C2 and 3 more wait in get() (line 12)`, for people."""
        places: dict[tuple[str, int | None], list[str]] = defaultdict(list)
        for wait in waits:
            inside = wait.inside.rpartition(".")[2] if "Queue" in wait.inside else wait.inside
            name = harmless(self.trace.label(wait.task), most=16)
            places[inside, wait.line].append(name)
        return " · ".join(
            f"{_names(names)} in {inside}{'' if '(' in inside else '()'}{where(line)}"
            for (inside, line), names in list(places.items())[:3]
        )


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more + (" wait" if len(names) > 1 else " waits")


def where(line: int | None) -> str:
    """` (line 12)`, or nothing."""
    return f" (line {line})" if line else ""
