"""The watch: what it makes of what the system says about a process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from grader.runner import watch as runner_watch
from grader.runner.watch import (
    MOST_ASLEEP,
    MOST_ASLEEP_IN_ALL,
    MOST_CPU,
    MOST_CPU_IN_ALL,
    MOST_MEMORY,
    MOST_THREADS,
    SLACK,
    STANDSTILL,
    WALL,
    Health,
    Spent,
    Usage,
    Watch,
    _Sample,
    has_ended,
)

Looks = Callable[..., list[Health]]


def _running(used: float) -> _Sample:
    return _Sample(used, asleep=False, ended=False, threads=1, memory=0)


def _asleep(used: float) -> _Sample:
    return _Sample(used, asleep=True, ended=False, threads=1, memory=0)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Looks at a made-up process: (seconds on the clock, sample) for each look."""

    def look(limit: float, *seen: tuple[float, _Sample | None]) -> list[Health]:
        times: Iterator[float] = iter([when for when, _sample in seen])
        samples: Iterator[_Sample | None] = iter([sample for _when, sample in seen])
        monkeypatch.setattr(runner_watch, "_sample", lambda _pid: next(samples))
        monkeypatch.setattr(time, "monotonic", lambda: next(times))
        watch = Watch(1, limit)
        return [watch.look() for _ in seen[1:]]

    return look


def test_processor_time_beyond_the_limit_is_a_spin(looks: Looks) -> None:
    """What counts is processor time since the request began, with some slack."""
    assert looks(
        1.0,
        (0, _running(5.0)),
        (1, _running(5.9)),
        (2, _running(5.9 + SLACK)),
        (3, _running(6.1 + SLACK)),
    ) == [Health.FINE, Health.FINE, Health.SPINS]


def test_sleep_without_processor_time_is_a_standstill(looks: Looks) -> None:
    """A process that sleeps, look after look, and uses nothing, stands."""
    still = STANDSTILL / 2
    assert looks(
        1.0, (0, _asleep(1.0)), (still, _asleep(1.0)), (2 * still, _asleep(1.0)), (9, _asleep(1.0))
    ) == [Health.FINE, Health.FINE, Health.STANDS]


@pytest.mark.parametrize("busy", [_running(1.0), _asleep(1.01)])
def test_a_busy_machine_makes_nobody_stand(busy: _Sample, looks: Looks) -> None:
    """A process that is ready to run, or has moved at all, starts afresh, however long it took."""
    assert looks(1.0, (0, _asleep(1.0)), (100, busy), (100 + STANDSTILL, _asleep(busy.used))) == [
        Health.FINE,
        Health.FINE,
    ]


def test_an_ended_process_is_told(looks: Looks) -> None:
    """A process that has ended is neither fine nor standing."""
    assert looks(1.0, (0, _running(1.0)), (1, replace(_running(1.0), ended=True))) == [Health.ENDED]


def test_where_the_system_tells_nothing_time_has_to_do(looks: Looks) -> None:
    """Without any facts only a long time counts, from the first look or whenever they end."""
    assert looks(1.0, (0, None), (WALL, None), (WALL + 1, None)) == [Health.FINE, Health.STANDS]
    assert looks(1.0, (0, _running(1.0)), (1, None)) == [Health.FINE]


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="this system tells nothing")  # noqa: PTH110
def test_linux_tells_what_a_process_does() -> None:
    """This very process runs, a waiting one sleeps, an ended one has ended until it is reaped."""
    own = runner_watch._sample(os.getpid())
    assert own is not None
    assert not own.ended
    assert own.used > 0
    command = [sys.executable, "-S", "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        _until(lambda: runner_watch._sample(process.pid), lambda sample: sample.asleep)
        assert not has_ended(process.pid)
        process.kill()
        _until(lambda: runner_watch._sample(process.pid), lambda sample: sample.ended)
        assert has_ended(process.pid)
    assert runner_watch._sample(process.pid) is None
    assert has_ended(process.pid)


def _until(ask: Callable[[], _Sample | None], good: Callable[[_Sample], bool]) -> None:
    for _ in range(1_000):
        sample = ask()
        assert sample is not None
        if good(sample):
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def test_many_short_waits_are_one_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a submission sleeps through in all its requests is limited, though no request stands still."""
    usage, now = Usage(), iter(count(0, 0.1))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    used = count(0, 0.001)
    monkeypatch.setattr(runner_watch, "_sample", lambda _pid: _asleep(next(used)))
    health = [Watch(1, 9.0, usage).look() for _ in range(2 * int(MOST_ASLEEP / 0.1))]
    assert (health[0], health[-1]) == (Health.FINE, Health.SPENT)
    assert usage.is_spent


def test_processor_time_of_all_requests_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission may not use the limit of one request again and again."""
    usage = Usage(spent=Spent(cpu=MOST_CPU - 0.5))
    samples = iter([_running(1.0), _running(1.6)])
    monkeypatch.setattr(runner_watch, "_sample", lambda _pid: next(samples))
    assert Watch(1, 9.0, usage).look() is Health.SPENT


@pytest.mark.parametrize("spent", [Spent(cpu=MOST_CPU_IN_ALL), Spent(asleep=MOST_ASLEEP_IN_ALL)])
def test_a_submission_has_a_limit_over_all_its_exercises(spent: Spent) -> None:
    """An exercise that has used nothing yet is not run when the others have used it all."""
    usage = Usage(in_all=spent)
    assert not usage.is_spent
    usage.add(0.1, 0.1)
    assert usage.is_spent


@pytest.mark.parametrize(
    ("sample", "health"),
    [
        (replace(_running(1.0), threads=MOST_THREADS + 1), Health.CROWDS),
        (replace(_running(1.0), memory=MOST_MEMORY), Health.SWELLS),
    ],
)
def test_threads_and_memory_are_limited(
    sample: _Sample, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process has few threads, and all processes of a submission little memory together."""
    monkeypatch.setattr(runner_watch, "_sample", lambda _pid: sample)
    usage = Usage(memory={2: 1})
    assert Watch(1, 9.0, usage).look() is health
    usage.forget(1)
    assert not usage.is_too_large
