"""Random traces that `grader.trace` takes for true, whatever sense they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from grader.render.timeline.model import Finding
from tests.render.samples import trace
from tests.render.timeline.samples import finding

ITEMS, TASKS = 4, 5
CODES = (
    None,
    "task-done-missing",
    "unbounded-queue",
    "constant-delay",
    "sleeps-in-ex2",
    "jitter-not-random",
    "no-retry",
    "swallows-cancellation",
    "drops-items",
    "ignores-consumers",
    "tasks-left-behind",
    "item-put-back",
    "stats-overwritten",
    "log-not-on-stdout",
    "exponent-from-totals",
    "coroutine-never-awaited",
    "items-out-of-order",
)

item = st.none() | st.integers(0, ITEMS - 1)
size = st.integers(-1, 12)
seconds = st.floats(0, 2, allow_nan=False) | st.just(1000.0)
error = st.just({"type": "E", "bases": [], "text": "oh", "lines": [3], "inner": []})
_DATA: dict[str, list[st.SearchStrategy[Any]]] = {
    "queue": [st.just(1), st.integers(0, 3)],
    "put_wait": [st.just(1), item],
    "put": [st.just(1), size, item],
    "get_wait": [st.just(1)],
    "get": [st.just(1), size, item],
    "done": [st.just(1), size],
    "join": [st.just(1), size],
    "joined": [st.just(1), size],
    "take": [st.integers(0, ITEMS - 1)],
    "timer": [seconds],
    "blocked": [seconds],
    "print": [st.text(max_size=5), st.none()],
    "spawn": [st.integers(0, TASKS - 1)],
    "end": [st.sampled_from(["returned", "cancelled", "raised"]), error],
    "cancel": [],
    "quiet": [],
    "return": [],
}
_ENDS = ("returned", "deadlock", "livelock", "time_limit", "quiet", "output")


@st.composite
def traces(draw: Callable[..., Any]) -> tuple[dict[str, Any], Finding]:
    """A trace as plain data, and a finding about it."""
    at, rows = 0.0, []
    tries: dict[int, int] = {}
    open_tries: list[tuple[int, int, int]] = []
    for _ in range(draw(st.integers(0, 25))):
        at += draw(seconds)
        task, line = draw(st.integers(0, TASKS - 1)), draw(st.none() | st.integers(1, 90))
        kind = draw(st.sampled_from(["begin", "begin", "finish", *_DATA]))
        if kind == "begin":
            place = draw(st.integers(0, ITEMS - 1))
            tries[place] = tries.get(place, 0) + 1
            open_tries.append((task, place, tries[place]))
            rows.append([at, task, "begin", line, place, tries[place], 0])
        elif kind == "finish":
            if open_tries:
                who, place, number = open_tries.pop(draw(st.integers(0, len(open_tries) - 1)))
                outcome = draw(
                    st.sampled_from(["ok", "transient", "error", "cancelled", "stopped"])
                )
                rows.append([at, who, "finish", line, place, number, outcome, 0])
        else:
            rows.append([at, task, kind, line, *(draw(one) for one in _DATA[kind])])
    consumers = draw(st.sampled_from([[], [1, 2]]))
    waits = [{"task": t, "line": 5, "in": "Queue.get"} for t in draw(st.sets(st.integers(1, 4)))]
    names = draw(st.lists(st.text(max_size=30), min_size=ITEMS, max_size=ITEMS))
    raw = trace(
        *rows,
        clock=at,
        end={"how": draw(st.sampled_from(_ENDS))},
        tasks=[
            "lab",
            "run_pipeline",
            *draw(st.lists(st.text(max_size=20), min_size=3, max_size=3)),
        ],
        consumers=consumers,
        waits=waits,
        left=waits[:1],
        items=names,
        asked=draw(
            st.sampled_from(
                [{}, {"maxsize": 2, "crew": 2}, {"delay": 0.1, "backoff": 2.0, "jitter": 0.5}]
            )
        ),
        unawaited=draw(st.sampled_from([[], [["sleep", 4]]])),
    )
    message = draw(st.text(max_size=40) | st.just("C1 went on at 0.100 s with item 7."))
    return raw, finding(draw(st.sampled_from(CODES)), message).of(raw)
