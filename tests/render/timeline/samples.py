"""Traces made by hand, each with one thing to see on its timeline, and what the check said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.course.evidence import sights_of
from grader.course.kit.failures import Failure
from grader.course.kit.lesson import Consume, Pipeline
from grader.course.mistakes import catalogue
from grader.render.measures import read
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Drawing, Finding
from tests.render.samples import constant_waits, trace

Row = list[Any]

CREW = {"consumers": 2, "maxsize": 3}
RETRY = {"attempts": 2, "delay": 0.03, "backoff": 2.0, "jitter": 0.0}


NOTHING = Finding()


@dataclass(frozen=True)
class Said:
    """What a check had to say: a mistake's code, the message, a line, and the failure's own moment."""

    code: str | None
    message: str
    line: int | None = None
    at: float | None = None
    task: int | None = None
    item: int | None = None

    def of(self, raw: dict[str, Any]) -> Finding:
        """The finding, with where it shows in a trace."""
        options = {"line": self.line, "at": self.at, "task": self.task, "item": self.item}
        make: Any = catalogue().get(self.code or "") or Failure
        failure = make(self.message, **options)
        trace = read(raw)
        if trace is None:
            return Finding(self.message, self.line)
        scenario = (Consume if trace.crew else Pipeline)((), options=raw.get("asked") or {})
        sights = sights_of(failure, trace, scenario, raw.get("windows") or ())
        return Finding(self.message, self.line, sights)


def finding(code: str | None, message: str, line: int | None = None, **shows: Any) -> Said:
    """What a check had to say that has recognised a mistake, which knows what points at it."""
    return Said(code, message, line, **shows)


@dataclass(frozen=True)
class Sample:
    """A trace as plain data, and what its check had to say."""

    raw: dict[str, Any]
    said: Said | None = None

    @property
    def finding(self) -> Finding:
        """The finding of its check."""
        return NOTHING if self.said is None else self.said.of(self.raw)

    @property
    def drawing(self) -> Drawing:
        """The drawing of it."""
        found = draw_raw(self.raw, self.finding)
        assert found is not None
        return found


def pipeline(*events: Row, how: str = "returned", **changes: Any) -> dict[str, Any]:
    """The trace of a pipeline whose task 1 is the producer, and 2 and 3 the consumers."""
    ordered = sorted(events, key=lambda event: event[0])
    named: dict[str, Any] = {
        "tasks": ["lab", "run_pipeline", "Task-2", "Task-3"],
        "crew": [],
        "called": ["run_pipeline"],
        "end": {"how": how},
        "asked": CREW,
        "items": ["7", "8", "9"],
        "clock": ordered[-1][0] if ordered else 0.0,
    }
    start: list[Row] = [[0.0, 1, "queue", 40, 1, 3], [0.0, 1, "spawn", 42, 2]]
    return trace(*start, *ordered, **(named | changes))


def fed(item: int, depth: int, at: float = 0.0) -> list[Row]:
    """The producer takes an item and puts it."""
    return [[at, 1, "take", 44, item], [at, 1, "put", 45, 1, depth, item]]


def tried(
    task: int, item: int, start: float, end: float, outcome: str = "ok", *, number: int = 1
) -> list[Row]:
    """One try of an item."""
    return [
        [start, task, "begin", 20, item, number, 0],
        [end, task, "finish", 20, item, number, outcome, 0],
    ]


def got(task: int, item: int, depth: int, at: float = 0.0) -> Row:
    """A consumer gets an item."""
    return [at, task, "get", 18, 1, depth, item]


def forgotten() -> Sample:
    """C2 gives up on item 7, and `task_done()` is forgotten."""
    raw = pipeline(
        *fed(0, 1),
        *fed(1, 2),
        [0.0, 1, "join", 50, 1, 2],
        got(3, 0, 1),
        *tried(3, 0, 0.0, 0.06, "transient"),
        got(2, 1, 0),
        *tried(2, 1, 0.0, 0.08),
        [0.08, 2, "done", 30, 1, 1],
        [0.08, 2, "get_wait", 18, 1],
        *tried(3, 0, 0.09, 0.15, "transient", number=2),
        [0.15, 3, "get_wait", 18, 1],
        how="deadlock",
        asked=CREW | RETRY,
        items=["7", "8"],
        waits=[
            {"task": 1, "line": 50, "in": "Queue.join"},
            {"task": 2, "line": 18, "in": "Queue.get"},
            {"task": 3, "line": 18, "in": "Queue.get"},
        ],
    )
    message = "task_done() was called 1 time for 2 settled items."
    return Sample(raw, finding("task-done-missing-when-given-up", message, 50))


def unbounded() -> Sample:
    """All ten items wait at once."""
    events: list[Row] = []
    for item in range(10):
        events += fed(item, item + 1)
    for item in range(10):
        task, start = 2 + item % 2, item // 2 * 0.1
        events += [got(task, item, 9 - item, start), *tried(task, item, start, start + 0.1)]
    raw = pipeline(*events, items=[str(700 + n) for n in range(10)])
    raw["events"][0] = [0.0, 1, "queue", 40, 1, 0]
    return Sample(raw, finding("unbounded-queue", "With maxsize=3 there were 8 items waiting."))


def waiting() -> Sample:
    """A pipeline that is right: the producer waits for room."""
    events = [row for item in range(3) for row in fed(item, item + 1 if item < 2 else 2)]
    events += [got(2, 0, 1), *tried(2, 0, 0.0, 0.1), [0.0, 1, "put_wait", 45, 1, None]]
    events += [[0.1, 2, "done", 30, 1, 2], got(2, 1, 1, 0.1), *tried(2, 1, 0.1, 0.2)]
    events += [[0.1, 1, "put", 45, 1, 2, None], [0.1, 1, "join", 50, 1, 3]]
    events += [got(2, 2, 0, 0.2), *tried(2, 2, 0.2, 0.3), [0.3, 0, "return", None]]
    return Sample(pipeline(*events, asked={"consumers": 1, "maxsize": 2}))


def constant() -> Sample:
    """Two consumers' worth of retries whose pauses do not grow."""
    return Sample(constant_waits(), finding("constant-delay", "The wait does not grow."))


def blocked() -> Sample:
    """`time.sleep` stops both consumers."""
    raw = trace(
        *tried(1, 0, 0.0, 0.05, "transient"),
        [0.05, 1, "blocked", 23, 0.1],
        *tried(1, 0, 0.15, 0.2, "ok", number=2),
        tasks=["lab", "C1", "C2"],
        crew=[1, 2],
        clock=0.2,
        called=["consumer"],
    )
    raw["events"][1:1] = [[0.0, 2, "begin", 9, 1, 1, 0]]
    raw["events"].insert(4, [0.15, 2, "finish", 9, 1, 1, "ok", 0])
    return Sample(raw, finding("blocks-the-loop", "time.sleep() stopped the event loop."))


def crowd(clients: int = 65) -> Sample:
    """Many clients that fail together, and come back together."""
    events = [row for n in range(clients) for row in tried(n + 1, n, 0.0, 0.1, "transient")]
    events += [row for n in range(clients) for row in tried(n + 1, n, 0.13, 0.2, "ok", number=2)]
    raw = trace(
        *sorted(events, key=lambda event: event[0]),
        tasks=["lab", *(f"C{n + 1}" for n in range(clients))],
        crew=[n + 1 for n in range(clients)],
        items=[str(1001 + n) for n in range(clients)],
        asked={"delay": 0.03, "jitter": 0.25},
        called=["consumer"],
        clock=0.2,
    )
    return Sample(raw, finding("jitter-not-random", "65 retries, and nothing is random."))


def long() -> Sample:
    """Waits a thousand times as long as the tries: only a part of it can be shown."""
    events = [
        *tried(1, 0, 0.0, 0.1, "transient"),
        *tried(1, 0, 0.5, 0.6, "transient", number=2),
        *tried(1, 0, 300.6, 300.7, "ok", number=3),
    ]
    asked = {"delay": 0.5, "backoff": 600.0, "jitter": 0.0}
    raw = trace(*events, clock=300.7, asked=asked, called=["consumer"], items=["7", "8"])
    return Sample(raw, finding("wrong-pause", "Item 7 waited 400.0, 300000.0 ms."))


MARKUP = '</text><script>alert("&")</script>[bold]\x1b[2J'


def hostile() -> Sample:
    """Item names, prints, errors and messages that would like to be markup."""
    error = {"type": "</svg>", "bases": [], "text": MARKUP, "lines": [7], "inner": []}
    raw = pipeline(
        *fed(0, 1),
        got(2, 0, 0),
        [0.0, 2, "print", 3, MARKUP, None],
        *tried(2, 0, 0.0, 0.1, "error"),
        [0.1, 2, "end", None, "raised", error],
        how="deadlock",
        items=[MARKUP],
        tasks=["lab", "<b>main</b>", MARKUP, "x"],
        waits=[{"task": 1, "line": None, "in": "<i>.join"}],
    )
    return Sample(raw, Said(None, f"Item {MARKUP} <b>failed</b>."))


SAMPLES = {
    "forgotten": forgotten,
    "unbounded": unbounded,
    "waiting": waiting,
    "constant": constant,
    "blocked": blocked,
    "crowd": crowd,
    "long": long,
    "hostile": hostile,
}
