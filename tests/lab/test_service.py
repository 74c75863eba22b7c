"""The scripted service, and the source of the items."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.lab.items import Items
from grader.script import ALWAYS, MOST_TRIES, Item
from tests.lab.support import CONSUMER, body, consume, line, pipeline, run, values


def _outcomes(code: str, *jobs: Job, **options: Any) -> list[tuple[int, int, str | None]]:
    trace = run(code, consume(*jobs, **options))
    return [(one.item, one.number, one.outcome) for one in trace.tries]


def test_tries_fail_as_the_scenario_says() -> None:
    """An item fails so many times, then succeeds; `ALWAYS` never does."""
    assert _outcomes(CONSUMER, Job(5, fails=2), Job(6, fails=ALWAYS), attempts=3) == [
        (0, 1, "transient"),
        (0, 2, "transient"),
        (0, 3, "ok"),
        *((1, number, "transient") for number in (1, 2, 3)),
    ]


def test_a_try_takes_its_time() -> None:
    """Each try lasts as long as its job says, none at all for 0 seconds."""
    trace = run(CONSUMER, consume(Job(5, 0.25, fails=1), Job(6, 0)))
    assert [(one.start, one.end) for one in trace.tries] == [(0, 0.25), (0.25, 0.5), (0.5, 0.5)]
    assert not trace.of("timer")


@pytest.mark.parametrize(
    ("name", "seen"),
    [("ValueError", "ValueError"), ("Refused", "Refused"), ("print", "print")],
)
def test_other_errors_come_after_the_failing_tries(name: str, seen: str) -> None:
    """A built-in exception is raised by name; any other name is a class made for it."""
    trace = run(CONSUMER, consume(Job(5, fails=1, error=name)))
    assert [one.outcome for one in trace.tries] == ["transient", "error"]
    [(event, error)] = trace.died()
    assert (event.task, error["type"]) == (1, seen)
    assert error["lines"] == [
        line(CONSUMER.replace("process_item(item)", "process_item(item)  # here"))
    ]


def test_every_third_failure_is_a_subclass() -> None:
    """Each third try fails with a subclass of the module's `TransientError`, and not all say the same."""
    code = CONSUMER.replace(
        "except TransientError:",
        "except TransientError as e:\n                print(type(e).__name__, e)",
    )
    trace = run(code, consume(Job(5, fails=3)))
    assert [one.text.split()[0] for one in trace.prints] == [
        "TransientError",
        "TransientError",
        "ServiceBusy",
    ]
    assert len({one.text.partition(" ")[2] for one in trace.prints}) == 2


def test_failures_may_say_the_same_or_nothing() -> None:
    """From the second on every other item's failures are without words, the others' have the same."""
    code = CONSUMER.replace(
        "except TransientError:", "except TransientError as e:\n                print(item, str(e))"
    )
    trace = run(code, consume(Job(1, fails=3), Job(2, fails=3)))
    said = [one.text.partition(" ") for one in trace.prints]
    for item, expected in (("1", {"the connection was lost"}), ("2", {""})):
        first, *rest = [words for name, _, words in said if name == item]
        assert first
        assert set(rest) == expected


def test_the_service_may_be_cancelled_itself() -> None:
    """A `CancelledError` of the service's own ends the consumer, though nobody has cancelled it."""
    trace = run(CONSUMER, consume(Job(5, fails=1, error="CancelledError"), Job(6)))
    [ending] = [event for event in trace.of("end") if event.task == trace.crew[0]]
    assert (ending.at, ending.data[0]) == (trace.tries[-1].end, "cancelled")
    assert [one.outcome for one in trace.tries] == ["transient", "error"]


def test_an_error_of_its_own_is_made_in_another_way() -> None:
    """Who builds it again from its type finds that its class asks for a keyword."""
    again = "except Exception as e:\n                raise type(e)(str(e))"
    code = CONSUMER.replace("            else:", f"            {again}\n            else:", 1)
    [(_event, error)] = run(code, consume(Job(5, error="Refused"))).died()
    assert error["type"] == "TypeError"
    assert "Refused.__init__()" in error["text"]


def test_an_error_after_failures_has_a_cause() -> None:
    """An error that is not transient is raised from the failure before it, if there was one."""
    caught = "except KeyError as e:\n" + " " * 16 + "print(type(e.__cause__).__name__); raise"
    code = CONSUMER.replace("            else:", f"            {caught}\n            else:")
    for fails, cause in ((0, "NoneType"), (1, "TransientError")):
        trace = run(code, consume(Job(5, fails=fails, error="KeyError")))
        assert [one.text for one in trace.prints] == [cause]


def test_an_error_class_may_ask_for_more() -> None:
    """A `TransientError` whose `__init__` wants other arguments is raised all the same."""
    code = CONSUMER.replace(
        "class TransientError(Exception):\n    pass",
        "class TransientError(Exception):\n    def __init__(self, *, code): self.code = code",
    )
    assert _outcomes(code, Job(5, fails=1)) == [(0, 1, "transient"), (0, 2, "ok")]


@pytest.mark.parametrize(
    ("definition", "how", "detail"),
    [
        ("", "missing", "TransientError"),
        ("TransientError = 503", "signature", "TransientError has to be an exception class"),
        ("TransientError = int", "signature", "TransientError has to be an exception class"),
        ("TransientError = SystemExit", "signature", "TransientError has to be an exception class"),
    ],
)
def test_failing_needs_an_error_class(definition: str, how: str, detail: str) -> None:
    """Without a usable `TransientError` a scenario with failures says so; others do not mind."""
    code = f"{definition}\n" + body("await work(next(iter(items)))")
    trace = run(code, Pipeline((Job(1, fails=1),)))
    assert trace.end == {"how": how, "detail": detail}
    assert run(code, Pipeline((Job(1),))).how == "returned"


def test_a_try_may_be_cut_short() -> None:
    """A try that is cancelled, or ended by another exception, says how it ended."""
    code = body(
        """
        item = next(items)
        task = asyncio.create_task(work(item))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        trying = work(item)
        trying.send(None)
        try:
            trying.throw(KeyError())
        except KeyError:
            return "thrown"
        """
    )
    trace = run(code)
    assert trace.result == "thrown"
    assert [(one.outcome, one.end) for one in trace.tries] == [
        ("cancelled", 0.01),
        ("stopped", 0.01),
    ]


def test_a_try_may_be_cut_short_at_its_very_end() -> None:
    """A cancellation that comes at the same nanosecond, but before the answer, wins."""
    code = body(
        """
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, lambda: task.cancel())
        task = asyncio.create_task(work(next(items)))
        await asyncio.wait([task])
        """
    )
    trace = run(code, pipeline(1000, seconds=0.05))
    assert [(one.outcome, one.end) for one in trace.tries] == [("cancelled", 0.05)]


def test_a_stranger_is_refused() -> None:
    """What is none of the scenario's items is refused, and noted by its type."""
    trace = run(body("await work(object)  # here"))
    assert values(trace, "stranger") == [("type",)]
    assert trace.end["error"]["type"] == "TypeError"
    assert "no item" in trace.end["error"]["text"]
    assert not trace.tries


# -- items ------------------------------------------------------------------------------------------


def test_equal_items_are_told_apart() -> None:
    """Two equal items are two items, with tries of their own."""
    jobs = [Job("same", 0.1, fails=1), Job("same", 0.2), Job(1000, 0.3, fails=1), Job(1000, 0.4)]
    trace = run(CONSUMER, Consume(tuple(jobs), names=("C1", "C2")))
    assert [[t.outcome for t in trace.tries_of(n)] for n in range(4)] == [
        ["transient", "ok"],
        ["ok"],
        ["transient", "ok"],
        ["ok"],
    ]
    assert {step.item for step in trace.gets} == {0, 1, 2, 3}


def test_a_copy_of_an_item_is_that_item() -> None:
    """An equal object of the same type counts as the first such item; an equal one of another not."""
    items = Items((1000, "word", 0, False, 2.5))
    assert items.index_of(int("1000")) == 0
    assert items.index_of("wordy"[:4]) == 1
    assert [items.index_of(thing) for thing in (0, False, 2.5, float("2.5"))] == [2, 3, 4, 4]
    others: list[object] = [1000.0, 0.0, True, None, 7, []]
    assert [items.index_of(thing) for thing in others] == [None] * 6


def test_nobodys_equality_counts() -> None:
    """An object that equals everything is still no item."""

    class Yes:
        __hash__ = None  # type: ignore[assignment]  # as any class with its own `__eq__`

        def __eq__(self, other: object) -> bool:
            return True

    assert Items((1000,)).index_of(Yes()) is None


@pytest.mark.parametrize("item", [7, "x", "", True])
def test_equal_items_that_are_one_object_are_refused(item: Item) -> None:
    """A scenario whose items could not be told apart is an error of its author's, and is said."""
    with pytest.raises(ValueError, match="equal items must be"):
        run(CONSUMER, consume(Job(item), Job(item)))


_TOLD_APART = (
    st.integers(257)
    | st.text(min_size=2)
    | st.floats(allow_nan=False)
    | st.lists(st.integers(), max_size=2)
    | st.lists(st.integers(), min_size=1, max_size=2).map(tuple)
)


@given(st.lists(_TOLD_APART, max_size=30))
def test_items_are_found_at_their_places(items: list[Item]) -> None:
    """Each of the scenario's objects leads to its own place, also among equal ones."""
    known = Items(items)
    assert [known.index_of(thing) for thing in known.objects] == list(range(len(items)))
    assert known.objects == items


# -- the source -------------------------------------------------------------------------------------


def test_a_lazy_source_is_taken_one_by_one() -> None:
    """Each item is noted when it is taken, and the end when it is seen; nothing is read ahead."""
    code = body(
        """
        for item in items:
            await asyncio.sleep(1)
        """
    )
    trace = run(code, pipeline(1000, 1001))
    assert [(event.at, *event.data) for event in trace.taken] == [(0.0, 0), (1.0, 1)]
    assert [event.at for event in trace.of("drained")] == [2.0]


@pytest.mark.parametrize("ask", ["len(items)", "items[0]", "next(items)", "reversed(items)"])
def test_an_iterable_source_is_no_more_than_that(ask: str) -> None:
    """Where it is not lazy, the source has no length, no index and no `next`."""
    trace = run(body(ask), Pipeline((Job(1000),), lazy=False))
    assert trace.end["error"]["type"] == "TypeError"
    assert trace.how == "raised"


def test_an_iterable_source_may_be_read_again() -> None:
    """An iterable that is no iterator starts again each time."""
    code = body("return [sum(items), sum(items)]")
    trace = run(code, Pipeline((Job(1000), Job(1001)), lazy=False))
    assert trace.result == [2001, 2001]
    assert len(trace.taken) == 4


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_tries_without_end_are_ended(seconds: float) -> None:
    """A consumer that never gives up is stopped after a thousand tries, whether time passes or not."""
    code = CONSUMER.replace("for attempt in range(attempts)", "for attempt in iter(int, 1)")
    trace = run(code, consume(Job(5, seconds, fails=ALWAYS)))
    assert trace.how == "time_limit"
    assert len(trace.tries) == MOST_TRIES
