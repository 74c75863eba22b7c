"""What is read off a trace for the timing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.render.measures import Depth, Measures, Pause, measure, read, telling
from grader.render.timing import Timing
from grader.results import Observation
from tests.render import samples
from tests.render.drawing import draw


def _measures(raw: dict[str, Any]) -> Measures:
    trace = read(raw)
    assert trace is not None
    return measure(trace)


def test_pauses_beside_what_was_asked() -> None:
    """The item with the first wrong wait is the one to show, with what was asked of it."""
    found = _measures(samples.constant_waits())
    assert found.item == "7"
    assert [pause.verdict for pause in found.pauses] == ["", "too short"]
    assert found.pauses[1] == Pause(2, 0.03, 0.06, 0.075)
    assert (found.others, found.others_off, found.ideal) == (1, 0, 0.4)


def test_pauses_that_are_right() -> None:
    """Where all waits are right the item with most retries is shown."""
    raw = samples.with_windows(
        samples.constant_waits() | {"asked": {"delay": 0.03, "backoff": 1.0}}
    )
    found = _measures(raw)
    assert (found.item, len(found.pauses)) == ("7", 2)
    assert not any(pause.verdict for pause in found.pauses)


def test_pauses_that_nobody_asked_for() -> None:
    """Without a delay among the options no wait is right or wrong."""
    raw = samples.constant_waits()
    del raw["windows"]
    assert all(pause.least is None and not pause.verdict for pause in _measures(raw).pauses)


def test_a_pause_that_is_too_long() -> None:
    """More than the jitter allows is too long; a microsecond is nothing."""
    assert Pause(1, 0.05, 0.03, 0.0375).verdict == "too long"
    assert Pause(1, 0.0375005, 0.03, 0.0375).verdict == ""


def test_queue_and_producer() -> None:
    """How deep a queue was, its bound, and all the time in `put`, also what never ended."""
    found = _measures(samples.producer_waits())
    assert [(queue.deepest, queue.maxsize) for queue in found.queues] == [(2, 2)]
    assert found.producer_waited == pytest.approx(0.25 + 0.1)
    assert (found.blocked, found.blocked_line) == (0.25, 12)


def test_what_the_lab_puts_does_not_count() -> None:
    """A consumer's queue is filled by the lab: its depth says nothing of the learner."""
    found = _measures(samples.trace([0.0, 0, "queue", None, 1, 0], [0.0, 0, "put", None, 1, 1, 0]))
    assert found.queues == ()


@pytest.mark.parametrize(
    "raw",
    [None, {"format": 9}, {"events": []}, samples.trace([0.0, 1, "begin", 9, 5, 1, 0])],
)
def test_unreadable(raw: dict[str, Any] | None) -> None:
    """What is no trace is not shown, and is no error."""
    assert read(raw) is None


def test_items_without_names() -> None:
    """Items are numbered where their names were not recorded."""
    raw = samples.constant_waits()
    del raw["items"]
    assert _measures(raw).item == "#1"


def test_telling() -> None:
    """The check with most events is shown, and none where nothing ran."""
    long = replace(samples.passed(), observation=Observation(samples.constant_waits()))
    short = replace(samples.passed(), observation=Observation(samples.trace()))
    assert telling((samples.passed(), short, long)) is long
    assert telling((samples.passed(),)) is None


def test_timing_in_words() -> None:
    """Each measure has its line, in seconds; what did not occur has none."""
    measures = Measures(
        0.5, ideal=0.4, item="7", others=2, others_off=1, pauses=(Pause(1, 0.2, 0.1, 0.1),)
    )
    assert draw(Timing(measures, 0.0, 0)) == (
        "Timing, in virtual seconds\n"
        "  retries   item 7 waited (and 2 retries of other items, 1 not as asked)\n"
        "    after try 1: 0.2000, asked 0.1000 ✘ too long\n"
        "  in all    0.500 s; 0.400 s would do\n"
    )
    endless = tuple(Pause(number, 0.2, 0.1 * number, 0.1 * number) for number in range(2, 1000))
    assert draw(Timing(Measures(0.5, item="7", pauses=endless), 0.0, 0)).splitlines()[2:-1] == [
        *(
            "    after try 2: 0.2000, asked 0.2000",
            "    after try 3: 0.2000, asked 0.3000 ✘ too short",
        ),
        *(f"    after try {n}: 0.2000, asked 0.{n}000 ✘ too short" for n in (4, 5, 6, 7)),
        *("    (991 more)", "    after try 999: 0.2000, asked 99.9000 ✘ too short"),
    ]
    unbounded = Measures(0.5, queues=(Depth("q", 1),), blocked=0.1)
    assert draw(Timing(unbounded, 2.0, 0)) == (
        "Timing, in virtual seconds\n"
        "  queue     at most 1 item waited in it (no bound)\n"
        "  blocked   nothing could run for 0.100 s: time.sleep\n"
        "  in all    0.500 s (2 ms in real time)\n"
    )


def test_several_queues_have_their_names() -> None:
    """The one between two stages may be the one that grows."""
    text = draw(Timing(Measures(1.0, queues=(Depth("todo", 3, 3), Depth("records", 28))), 0.0))
    assert "todo: at most 3 items waited in it (maxsize=3)" in text
    assert "records: at most 28 items waited in it (no bound)" in text
