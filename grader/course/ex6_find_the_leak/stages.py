"""Two stages: the scenario, and how many items are where at each moment at which time passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from grader.course.api import SAME_TIME, Item, Plan, Rule, Scenario, Trace, Try, World

__all__ = [
    "Moment",
    "Runs",
    "Stages",
    "allowed",
    "fetches",
    "first_of",
    "moments",
    "moments_of",
    "near",
    "queues_between",
    "stores",
]


@dataclass(frozen=True)
class Stages(Scenario):
    """Call `run_pipeline(items, fetch, store, **options)` once, or twice at the same time.

    fetching, storing: seconds for each item, and what overrides them. lazy: the items come from a
    generator, else from an iterable object. The last `beside` items are those of a second call.
    """

    items: tuple[Item, ...]
    fetching: tuple[float, ...]
    storing: tuple[float, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    lazy: bool = True
    beside: int = 0
    fetch_rules: tuple[Rule, ...] = ()
    store_rules: tuple[Rule, ...] = ()
    unsaid: frozenset[str] = frozenset()
    brief: bool = False

    def play(self, world: World) -> None:
        """Call the pipeline over all items, or over the first and the rest of them."""
        items = world.items(self.items)
        fetch = world.service(
            "fetch", [*map(Plan, self.fetching)], *self.fetch_rules, gives=True, lane="F"
        )
        store = world.service(
            "store", [*map(Plan, self.storing)], *self.store_rules, given=True, lane="S"
        )
        first = len(items) - self.beside
        for some in (items[:first], items[first:]) if self.beside else (items,):
            source = world.source(some, lazy=self.lazy)
            world.call("run_pipeline", source, fetch, store, options=self.said)
        world.until_returned(hands=(self.consumers + 1) * (2 if self.beside else 1))

    @property
    def consumers(self) -> int:
        """How many fetches may run at once."""
        return int(self.options["consumers"])

    @property
    def maxsize(self) -> int:
        """The bound."""
        return int(self.options["maxsize"])

    @property
    def ahead(self) -> int:
        """How many items are being fetched or wait for their store, at least, while items are left."""
        return max(self.maxsize, self.consumers)


Runs = Sequence[tuple[Stages, Trace]]


def allowed(scenario: Stages) -> int:
    """How many items may be taken and not stored: two queues, and one in each hand."""
    return 2 * scenario.maxsize + scenario.consumers + 2


def fetches(trace: Trace) -> list[Try]:
    """Every call of fetch(), in the order in which they began."""
    return trace.tries_with("fetch")


def stores(trace: Trace) -> list[Try]:
    """Every call of store(), in the order in which they began."""
    return trace.tries_with("store")


@dataclass(frozen=True, slots=True)
class Moment:
    """The pipeline at a moment at which time passes.

    taken: items taken from the source by then. begun, fetching: fetches begun, and running. waiting:
    records whose store has not begun. storing: stores that run. stored: records stored by then.
    task, line: of whoever took or fetched last.
    """

    at: float
    taken: int
    begun: int
    fetching: int
    waiting: int
    storing: int
    stored: int
    task: int | None
    line: int | None

    @property
    def under_way(self) -> int:
        """Items taken and not stored."""
        return self.taken - self.stored

    @property
    def before(self) -> int:
        """Items taken of which the fetch has not begun."""
        return self.taken - self.begun


def moments(trace: Trace) -> list[Moment]:
    """The pipeline at each moment at which time passes."""
    known = _known.get(trace)
    if known is None:
        known = _known[trace] = [*moments_of(trace, range(len(trace.items)))]
    return known


_known: WeakKeyDictionary[Trace, list[Moment]] = WeakKeyDictionary()


def moments_of(trace: Trace, places: range) -> Iterator[Moment]:
    """The same for the items at these places only, which may be those of one of two runs."""
    fetch = trace.services.index("fetch")
    taken = begun = fetched = given = ended = storing = stored = 0
    task: int | None = None
    line: int | None = None
    position = 0
    for at, until in trace.instants():
        for event in trace.events[position:until]:
            kind = event.kind
            if kind not in ("take", "begin", "finish") or event.data[0] not in places:
                continue
            first = kind == "take" or event.data[-1] == fetch
            good = kind != "finish" or event.data[2] == "ok"
            if kind == "take":
                taken += 1
            elif kind == "begin" and first:
                begun += 1
            elif kind == "begin":
                given, storing = given + 1, storing + 1
            elif first:
                ended, fetched = ended + 1, fetched + good
            else:
                storing, stored = storing - 1, stored + good
            if first:
                task, line = event.task, event.line or line
        position = until
        yield Moment(at, taken, begun, begun - ended, fetched - given, storing, stored, task, line)


def queues_between(trace: Trace) -> tuple[set[int], set[int]]:
    """The queues that items wait in before their fetch, and those that records wait in after it."""
    begins = {one.item: one.order for one in fetches(trace)}
    never = len(trace.events)
    before: set[int] = set()
    after: set[int] = set()
    fetchers = {one.task for one in fetches(trace)}
    for order, event in enumerate(trace.events):
        if event.kind not in ("put_wait", "put"):
            continue
        queue, item = event.data[0], event.data[-1]
        if item is not None:
            (before if order < begins.get(item, never) else after).add(queue)
        elif event.task in fetchers:  # a record in something of the learner's own
            after.add(queue)
    return before, after


def first_of(trace: Trace, wanted: Callable[[Moment], bool]) -> Moment | None:
    """The first moment of which this holds."""
    return next((moment for moment in moments(trace) if wanted(moment)), None)


def near(one: float, other: float) -> bool:
    """Whether two times are the same."""
    return abs(one - other) <= SAME_TIME
