"""Workers: a run has its verdicts, is cancelled, or is said to have none; and no process stays."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.practice import workers as module
from grader.practice.events import Advanced, Graded, Troubled
from grader.practice.workers import Workers
from tests.course import eventually, processes_of

ROOT = Path(__file__).parents[2]
PATIENCE = 60

# A worker that does at once what the name of the exercise says.
WORKER = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from grader.results import ExerciseResult
from grader.wire import *

def say(answer):
    os.write(1, answer_line(answer))

if sys.argv[2] == "slow":
    time.sleep(0.1)
if sys.argv[2] == "broken":
    say(Troubled(0, "No checks."))
    sys.exit()
say(Ready())
for line in sys.stdin.buffer:
    request = request_in(line)
    run, (wish,) = request.run, request.job
    say(Advanced(run, Progress(wish, "It begins.", 0, 1)))
    if wish == "hang":
        time.sleep(3600)
    elif wish == "stay":
        sys.stdin.close()
        time.sleep(3600)
    elif wish == "die":
        sys.exit(5)
    elif wish == "babble":
        os.write(1, b"Traceback\\n")
    elif wish == "trouble":
        say(Troubled(run, "Broken."))
    else:
        say(Graded(run, (ExerciseResult(wish, str(os.getpid()), 0),)))
"""

Event = Advanced | Graded | Troubled


class Bench:
    """Workers and what they say."""

    def __init__(self, kind: str = "quick") -> None:
        self.inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.workers = Workers([sys.executable, "-c", WORKER, str(ROOT), kind], self.inbox.put)
        self.run = 0

    def begin(self, wish: str) -> int:
        """Begin a run; it has begun."""
        self.run += 1
        self.workers.grade(self.run, [wish])
        while not isinstance(event := self.inbox.get(timeout=PATIENCE), Advanced):
            assert event.run < self.run
        assert event.run == self.run
        return self.run

    def outcome(self) -> Graded | Troubled:
        """How it ends."""
        event = self.inbox.get(timeout=PATIENCE)
        assert not isinstance(event, Advanced)
        return event

    def pid(self) -> int:
        """The process that grades now."""
        self.begin("tell")
        event = self.outcome()
        assert isinstance(event, Graded)
        return int(event.results[0].title)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """A bench; no process of its is left afterwards."""
    monkeypatch.setenv("GRADER_TEST", str(tmp_path))
    one = Bench()
    with one.workers:
        yield one
    mark = f"GRADER_TEST={tmp_path}"
    eventually(lambda: not processes_of(mark)[1:], lambda: f"the end of {processes_of(mark)}")


def test_a_worker_stays_warm(bench: Bench) -> None:
    """One run after the other goes to the same process."""
    assert bench.pid() == bench.pid() == bench.pid()


def test_a_run_is_cancelled_by_the_next(bench: Bench) -> None:
    """A run that hangs is ended with its process, and nothing more is heard of it."""
    first = bench.pid()
    bench.begin("hang")
    assert bench.pid() != first
    assert bench.inbox.empty()


def test_cancelling(bench: Bench) -> None:
    """Without a run there is nothing to cancel, and the worker stays."""
    first = bench.pid()
    bench.workers.cancel()
    assert bench.pid() == first
    bench.begin("hang")
    bench.workers.cancel()
    assert bench.pid() != first


def test_a_worker_that_ignores_its_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not end by itself is made to."""
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    bench.begin("stay")
    bench.workers.cancel()


@pytest.mark.parametrize("wish", ["die", "babble"])
def test_a_worker_that_is_lost(bench: Bench, wish: str) -> None:
    """Its run has no verdicts, which is said; the next run has a new one."""
    first = bench.pid()
    run = bench.begin(wish)
    event = bench.outcome()
    assert isinstance(event, Troubled)
    assert event.run == run
    assert "has ended" in event.trouble
    assert bench.pid() != first


def test_trouble(bench: Bench) -> None:
    """What has gone wrong in a worker does not go wrong in the next run for that."""
    first = bench.pid()
    run = bench.begin("trouble")
    assert bench.outcome() == Troubled(run, "Broken.")
    assert bench.pid() != first


def test_one_that_never_starts() -> None:
    """A worker that cannot even start is a run without verdicts, each time."""
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with Workers([sys.executable, "-c", "raise SystemExit(4)"], inbox.put) as workers:
        for run in (1, 2):
            workers.grade(run, ["ex1"])
            assert inbox.get(timeout=PATIENCE) == Troubled(
                run, "The process that grades has ended (exit code 4)."
            )


def test_one_that_cannot_grade_at_all() -> None:
    """Its reason is that of the run which waits for it."""
    one = Bench("broken")
    with one.workers:
        one.workers.grade(3, ["ex1"])
        event = one.inbox.get(timeout=PATIENCE)
    assert isinstance(event, Troubled)
    assert event.run == 3


def test_closed_before_it_is_warm() -> None:
    """Nobody waits for a worker that is still starting."""
    one = Bench("slow")
    with one.workers:
        pass
    one.workers.close()
