"""A trace with its scenario, as the finders of evidence see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from grader.course.kit.world import Scenario
from grader.course.rules.shapes import settled_items
from grader.course.rules.states import State, carrier_of, states
from grader.results import Sight
from grader.trace import Cast, Trace, Try, Wait, numbered

__all__ = ["Scene", "where"]

LONGEST_ITEM = 44  # characters of an item's name in a sentence


class Scene:
    """A trace, its scenario, and what the finders need to know about them.

    windows: the shortest and longest wait after each failed try, in seconds.

    The attribute `pipeline` is true if the whole pipeline was called, not single consumers.
    """

    def __init__(
        self, trace: Trace, scenario: Scenario, windows: Sequence[Sequence[float]] = ()
    ) -> None:
        self.trace = trace
        self.scenario = scenario
        self.cast = Cast(trace)
        self.asked = scenario.options
        self.windows = windows
        self.pipeline = not trace.crew

    @property
    def attempts(self) -> int:
        """The most tries that an item may have."""
        return int(self.asked.get("attempts", 1 if self.pipeline else 4))

    @property
    def consumers(self) -> int | None:
        """The most items that may be worked on at once; None if unknown."""
        asked = self.asked.get("consumers", len(self.trace.crew) or None)
        return asked if type(asked) is int else None

    @cached_property
    def by_item(self) -> dict[int, list[Try]]:
        """The tries of each item, in order."""
        found: dict[int, list[Try]] = defaultdict(list)
        for one in self.trace.tries:
            found[one.item].append(one)
        return dict(found)

    @cached_property
    def settled(self) -> dict[int, Try]:
        """The try that settled each item: it succeeded, raised an error, or was the last one allowed."""
        ends = {one.end_order: one for one in self.trace.tries}
        found = settled_items(self.trace, self.scenario)
        return {item: ends[order] for order, item in found.items()}

    @cached_property
    def queue(self) -> int | None:
        """The number of the queue that carries the items; None if there is none."""
        return carrier_of(self.trace)

    @cached_property
    def moments(self) -> list[State]:
        """The pipeline's state at each instant with events."""
        return states(self.trace, self.scenario)

    @cached_property
    def _names(self) -> list[str]:
        """The items' names for a sentence, each of its own."""
        names = map(self.trace.name, range(len(self.trace.items)))
        return numbered(
            [one if len(one) <= LONGEST_ITEM else f"{one[:LONGEST_ITEM]}..." for one in names]
        )

    def item(self, number: int | None) -> str:
        """`item 7`, for a sentence."""
        if number is None:
            return "something else"
        return f"item {self._names[number]}"

    def items(self, numbers: list[int]) -> str:
        """`items 7, 8 and 3 more`."""
        names = [self.item(number).removeprefix("item ") for number in numbers[:3]]
        more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
        return f"item{'s' if len(numbers) > 1 else ''} {', '.join(names)}{more}"

    def sight(
        self,
        at: float,
        task: int | None,
        kind: str,
        text: str,
        *,
        wrong: bool = True,
        around: tuple[float, float] | None = None,
        begins: bool = False,
    ) -> Sight:
        """Make a `Sight`: what shows at one moment in a task."""
        return Sight(at, task, text, kind, wrong, around, begins)

    def waiting(self, waits: tuple[Wait, ...]) -> str:
        """Describe waits in words: `C1, C2, C3 and 3 more wait in get() (line 12)`."""
        return self.cast.waiting(waits)


def where(line: int | None) -> str:
    """` (line 12)`, or nothing."""
    return f" (line {line})" if line else ""
