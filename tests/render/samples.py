"""Results as the judge gives them, made by hand: one for each thing that a screen has to show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.course.rules.pauses import window
from grader.results import CheckResult, ExerciseResult, GradeReport, Observation, Outcome, Why

SOURCE = """\
import asyncio


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                stats["retried"] += 1
                await asyncio.sleep(delay)  # a comment so long that no screen of 80 shows its end
"""

HINTS = (
    "Write down the waits before the retries of one item, and divide each by the one before.",
    "Each wait is `backoff` times the one before it.",
    "After the sleep: pause *= backoff",
)


def trace(*events: list[Any], **changes: Any) -> dict[str, Any]:
    """A trace as the lab writes it; an event is `[time, task, kind, line, *data]`."""
    raw: dict[str, Any] = {
        "format": 2,
        "end": {"how": "quiet"},
        "clock": 0.5,
        "tasks": ["lab", "C1", "Task-2"],
        "crew": [1],
        "events": list(events),
        "waits": [],
        "left": [],
        "unawaited": [],
        "seeds": [],
        "stats": None,
        "result": None,
        "deterministic": True,
        "items": ["7", "8"],
    }
    return with_windows(raw | changes)


def with_windows(raw: dict[str, Any]) -> dict[str, Any]:
    """The same, with what the exercises on pauses say of its options."""
    found = (window(raw.get("asked") or {}, number) for number in range(1, 20))
    return raw | {"windows": [list(one) for one in found if one is not None]}


def tries(item: int, *spans: tuple[float, float, str]) -> list[list[Any]]:
    """The events of the tries of one item: when each began and ended, and how."""
    events: list[list[Any]] = []
    for number, (start, end, outcome) in enumerate(spans, 1):
        events.append([start, 1, "begin", 9, item, number, 0])
        events.append([end, 1, "finish", 9, item, number, outcome, 0])
    return events


def constant_waits() -> dict[str, Any]:
    """Item 7 is tried three times, 0.03 s apart; item 8 twice."""
    seven = tries(0, (0.0, 0.05, "transient"), (0.08, 0.13, "transient"), (0.16, 0.21, "ok"))
    eight = tries(1, (0.21, 0.26, "transient"), (0.29, 0.34, "ok"))
    prints = [
        [0.34 + n / 100, 1, "print", 11, f"C1 RETRY 7 {n} 0.030 \x1b[2J", None] for n in range(11)
    ]
    stderr = [[0.46, 0, "stderr", None, "[bold]not markup[/bold] \x1b[31mred\x1b[0m", None]]
    asked = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25}
    return trace(*seven, *eight, *prints, *stderr, asked=asked, ideal=0.4)


def done_waits() -> Observation:
    """The same items, with pauses that grow."""
    seven = tries(0, (0.0, 0.05, "transient"), (0.08, 0.13, "transient"), (0.19, 0.24, "ok"))
    eight = tries(1, (0.24, 0.29, "transient"), (0.32, 0.37, "ok"))
    return Observation(trace(*seven, *eight, asked={"delay": 0.03, "backoff": 2.0}))


def producer_waits() -> dict[str, Any]:
    """A pipeline with a bounded queue, a wait in `put`, and a blocked loop."""
    return trace(
        [0.0, 2, "queue", 5, 1, 2],
        [0.0, 2, "take", 5, 0],
        [0.0, 2, "put", 5, 1, 1, 0],
        [0.0, 2, "put", 5, 1, 2, None],
        [0.0, 2, "take", 5, 1],
        [0.1, 2, "put_wait", 5, 1, 1],
        [0.3, 1, "blocked", 12, 0.25],
        [0.35, 2, "put", 5, 1, 2, 1],
        [0.4, 2, "put_wait", 5, 1, None],
    )


def passed(name: str = "test_a", title: str = "Keeps an item until it is settled.") -> CheckResult:
    """A check that passed."""
    return CheckResult(name, title, 1, Outcome.PASSED, None, hints=HINTS, wall_ms=1.4)


def failed(**changes: Any) -> CheckResult:
    """A check that failed, with everything that can be said about it."""
    check = CheckResult(
        "test_waits_longer",
        "Waits `delay` before the first retry, and `backoff` times longer before each further one.",
        3,
        Outcome.FAILED,
        Why.EXPECTATION,
        "Item 7 waited 30.0, 30.0 ms before its retries (line 12): the wait does not grow.\n"
        "Asked with delay=0.03, backoff=2: 30.0, 60.0 ms.",
        "constant-delay",
        HINTS,
        12,
        3.2,
        Observation(constant_waits()),
    )
    return replace(check, **changes)


def not_run(title: str, reason: str = "not run: it builds on “Waits longer.”") -> CheckResult:
    """A check that was not run, for some reason."""
    return CheckResult("test_c", title, 1, Outcome.NOT_RUN, Why.DEPENDENCY, reason, hints=HINTS)


def exercise(
    number: int, title: str, outcome: Outcome, *checks: CheckResult, **changes: Any
) -> ExerciseResult:
    """An exercise with these checks."""
    name = f"ex{number}_{title.lower().replace(' ', '_')}"
    most = sum(check.max_score for check in checks) or 7
    path = f"exercises/{name}.py"
    result = ExerciseResult(name, title, most, outcome, checks, path, SOURCE, seed=20260)
    return replace(result, **changes)


def wrong_backoff() -> ExerciseResult:
    """Two checks failed, two were not run for the same reason."""
    item, wait, count = "Keep the item", "Wait longer each time", "Count and mark"
    second = failed(
        subgoal=count,
        check="test_counts",
        title="Counts successes, retries and items given up on.",
        max_score=1,
        message='stats["failed"] is 0, and 1 item was given up on.',
        line=11,
    )
    third = failed(
        subgoal=wait, check="test_last", title="Waits only before retries.", max_score=1, message=""
    )
    return exercise(
        3,
        "Add backoff",
        Outcome.FAILED,
        replace(passed(), subgoal=item),
        failed(subgoal=wait),
        replace(
            not_run("Starts again at `delay` for each item and for each consumer."), subgoal=wait
        ),
        replace(
            not_run("Never blocks the event loop: the other consumers go on meanwhile."),
            subgoal=wait,
        ),
        second,
        third,
    )


def deadlock() -> ExerciseResult:
    """`join()` waits for ever; the trace has a full queue and a blocked loop."""
    check = failed(
        title="Comes to an end for every mixture of successes, retries and items given up on.",
        why=Why.DEADLOCK,
        message="task_done() was called 2 times for 3 settled items: join() waits for ever.",
        line=6,
        observation=Observation(producer_waits()),
    )
    return exercise(5, "Fix the missing task_done", Outcome.FAILED, check)


def syntax_error() -> ExerciseResult:
    """A file that cannot be imported: nothing ran."""
    check = failed(
        why=Why.IMPORT,
        message="Cannot be imported: SyntaxError: invalid syntax (line 1).",
        misconception=None,
        hints=(),
        line=1,
        observation=Observation(),
    )
    return exercise(2, "Build the retry loop", Outcome.FAILED, check, source="def consumer(:\n")


def busy_loop() -> ExerciseResult:
    """Code that never yields: no trace, no misconception, a line."""
    check = failed(
        why=Why.BUSY_LOOP,
        message="Never gives the event loop a turn: it spins at line 5 without an await.",
        misconception=None,
        line=5,
        observation=Observation(),
    )
    return exercise(2, "Build the retry loop", Outcome.FAILED, check)


def not_started() -> ExerciseResult:
    """An untouched stub, with its checks for the hints."""
    return exercise(4, "Add jitter", Outcome.NOT_STARTED, not_run("Waits d + u.", "not run"))


def untouched() -> ExerciseResult:
    """An untouched stub whose checks were run, to show what it does."""
    seen = failed(observation=Observation(constant_waits()), sights=())
    return exercise(3, "Add backoff", Outcome.NOT_STARTED, seen)


def missing() -> ExerciseResult:
    """No file."""
    return exercise(4, "Add jitter", Outcome.MISSING)


def ungraded() -> ExerciseResult:
    """A fault of the grader."""
    note = "The checks cannot be imported: NameError: name 'x' is not defined"
    return exercise(1, "Add maxsize", Outcome.UNGRADED, note=note)


def done(number: int = 1, title: str = "Add maxsize") -> ExerciseResult:
    """An exercise that passes, with a trace to show."""
    seen = replace(passed("test_b", "Fills it."), observation=Observation(producer_waits()))
    learned = "A full queue makes the producer wait. Without that it runs away from its consumers."
    return replace(exercise(number, title, Outcome.PASSED, passed(), seen), learned=learned)


def report(*results: ExerciseResult) -> GradeReport:
    """A report on these."""
    return GradeReport(20260, results, wall_ms=312.0)
