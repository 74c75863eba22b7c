"""Pauses between tries: what is as asked passes, and anything else is a failure in plain words."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.course.api import ALWAYS, Consume, Job, Trace, pauses
from grader.course.kit.failures import Failure

_SECONDS = st.one_of(
    st.just(0.0), st.floats(0, 1e-3), st.floats(0, 60), st.sampled_from([0.03, 0.06, 0.1, 30.0])
)
_OPTIONS = st.fixed_dictionaries(
    {
        "attempts": st.just(4),
        "delay": st.one_of(st.just(0), st.sampled_from([0.0004, 0.03, 1.0]), st.floats(1e-6, 10)),
        "backoff": st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]),
        "jitter": st.sampled_from([0.0, 0.25, 1.0]),
    }
)
_ITEMS = st.lists(st.lists(_SECONDS, min_size=1, max_size=3), min_size=1, max_size=4)


def _tried(options: dict[str, Any], waits: list[list[float]]) -> tuple[Consume, Trace]:
    """A consumer for each item, which waits so long before its retries; each try takes 50 ms."""
    events: list[list[Any]] = []
    for item, row in enumerate(waits):
        at = 0.0
        for number, wait in enumerate([*row, 0.0], start=1):
            events.append([round(at, 9), item + 1, "begin", 7, item, number, 0])
            at += 0.05
            events.append([round(at, 9), item + 1, "finish", 7, item, number, "transient", 0])
            at += wait
    events.sort(key=lambda event: event[0])
    raw = {
        "format": 2, "end": {"how": "quiet"}, "clock": 1000.0,
        "tasks": ["lab", *(f"C{n + 1}" for n in range(len(waits)))],
        "crew": list(range(1, len(waits) + 1)),
        "events": events, "waits": [], "left": [], "unawaited": [], "seeds": [],
        "stats": None, "result": None, "deterministic": True,
    }  # fmt: skip
    jobs = tuple(Job(300 + n, 0.05, ALWAYS) for n in range(len(waits)))
    names = tuple(f"C{n + 1}" for n in range(len(waits)))
    return Consume(jobs, names, options), Trace(raw, [job.item for job in jobs])


def _surely(options: dict[str, Any], waits: list[list[float]]) -> bool | None:
    """Whether the waits are as asked, each well within its window or one far outside; None between."""
    right = True
    for row in waits:
        for k, wait in enumerate(row):
            low = options["delay"] * options["backoff"] ** k
            high = low * (1 + options["jitter"])
            if wait < low - 1e-5 or wait > high + 1e-5:
                return False
            right = right and low - 1e-7 <= wait <= high + 1e-7
    return True if right else None


def _failure_of(runs: list[tuple[Consume, Trace]]) -> Failure | None:
    try:
        pauses.pauses_hold(runs, jitter=None)
    except Failure as failure:
        return failure
    return None


@settings(max_examples=300)
@given(_OPTIONS, st.lists(st.tuples(_OPTIONS, _ITEMS), max_size=2), _ITEMS)
@example({"attempts": 4, "delay": 0, "backoff": 2.0, "jitter": 0.0}, [], [[0.5]])
@example(
    {"attempts": 4, "delay": 1e-6, "backoff": 0.5, "jitter": 0.0},
    [({"attempts": 4, "delay": 1.0, "backoff": 2.0, "jitter": 0.0}, [[0.0, 0.0, 0.0]])],
    [[0.0, 0.0, 0.0]],
)
def test_any_pauses_are_judged(options: Any, others: Any, waits: list[list[float]]) -> None:
    """Whatever was waited is right, or a failure with words."""
    cases = [(options, waits), *others]
    failure = _failure_of([_tried(*case) for case in cases])
    sure = [_surely(*case) for case in cases]
    assert failure is not None or False not in sure
    assert failure is None or not all(sure)
    if failure is not None:
        assert failure.mistake
        assert "waited" in failure.message
        assert failure.asks.startswith("Asked with delay=")


@settings(max_examples=100)
@given(
    _OPTIONS, st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=4)
)
def test_what_is_asked_passes(options: Any, parts: list[list[float]]) -> None:
    """The clean wait and any part of the window on top of it are as asked."""
    waits = [
        [
            options["delay"] * options["backoff"] ** k * (1 + part * options["jitter"])
            for k, part in enumerate(row)
        ]
        for row in parts
    ]
    pauses.pauses_hold([_tried(options, waits)], jitter=None)
