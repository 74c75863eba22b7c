"""A worker's side of its pipe: every request has its answer, and the worker ends with whoever asked."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence

import pytest

from grader.course.catalog import Entry
from grader.errors import GraderError, GraderFault, HostBusy
from grader.judge import Listener, serving
from grader.judge.long_session import Examine, RunChecks
from grader.judge.serving import Grade, Pipe, serve
from grader.results import CheckResult
from grader.wire import (
    Advanced,
    Answer,
    Graded,
    Progress,
    Ready,
    Request,
    Troubled,
    answer_in,
    request_line,
)
from tests.practice.verdicts import verdict

WISHES = {
    "busy": HostBusy("No room."),
    "fault": GraderFault("No process."),
    "bug": ZeroDivisionError("oh"),
}


def grade(request: Request, _run: RunChecks, listener: Listener) -> Graded:
    """Grades two checks, or raises what the job says."""
    listener.exercise_started("ex1", 2)
    for title in ("One.", "Two."):
        listener.check_started("ex1", title)
        listener.check_ended("ex1", CheckResult("test_it", title, 1))
    if request.job in WISHES:
        raise WISHES[request.job]
    return Graded(request.run, (verdict("ex1"),), grown=request.job == "large")


class Line:
    """The other end of a worker that serves in a thread of this process."""

    def __init__(self, *, beat: float = 0.0, grade: Grade = grade) -> None:
        self._requests, ours = os.pipe()
        theirs, self._answers = os.pipe()
        self._out = os.fdopen(ours, "wb", buffering=0)
        self._in = os.fdopen(theirs, "rb")
        self.answered = 0
        pipe = Pipe(self._requests, self._answers)
        work = {"beat": beat, "afterwards": self._count}
        self._thread = threading.Thread(target=serve, args=(grade, pipe), kwargs=work)
        self._thread.start()

    def _count(self) -> None:
        self.answered += 1

    def ask(self, run: int, job: str) -> None:
        self._out.write(request_line(Request(run, job)))

    def hear(self) -> Answer:
        return answer_in(self._in.readline())

    def close(self) -> None:
        self._out.close()
        self._thread.join(60)
        assert not self._thread.is_alive()
        for fd in (self._requests, self._answers):
            os.close(fd)
        self._in.close()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What a worker does instead of ending this process."""
    event = threading.Event()
    monkeypatch.setattr(Pipe, "_end", lambda _pipe: event.set())
    monkeypatch.setattr(serving, "PARTING", 0.01)
    yield event
    for thread in threading.enumerate():
        if thread.name == "requests":
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Stands in for pytest's session; it raises what is put in here."""
    errors: list[BaseException] = []

    def keep_open(_entries: Sequence[Entry], examine: Examine) -> None:
        if errors:
            raise errors[0]
        faults: Mapping[str, str] = {"ex1": "", "ex2": "cannot be imported"}
        examine(lambda _cards, _listener: "", faults)

    monkeypatch.setattr(serving, "keep_open", keep_open)
    return errors


@pytest.fixture
def line(session: list[BaseException], ended: threading.Event) -> Iterator[Line]:
    """A line to a worker."""
    one = Line()
    yield one
    one.close()
    assert ended.wait(60)


def test_a_run(line: Line) -> None:
    """First it says that it is ready, then how far a run is, then the verdicts."""
    assert line.hear() == Ready(("ex2",))
    line.ask(4, "")
    assert line.hear() == Advanced(4, Progress("ex1", "One.", 0, 2))
    assert line.hear() == Advanced(4, Progress("ex1", "Two.", 1, 2))
    assert line.hear() == Graded(4, (verdict("ex1"),))


@pytest.mark.parametrize(
    ("job", "trouble"),
    [
        ("busy", Troubled(1, "No room.", busy=True)),
        ("fault", Troubled(1, "No process.")),
        ("bug", Troubled(1, "The grader failed: ZeroDivisionError: oh")),
    ],
)
def test_trouble(
    session: list[BaseException], ended: threading.Event, job: str, trouble: Troubled
) -> None:
    """Whatever goes wrong is told, and the next run is graded; an hour's beat is never heard."""
    line = Line(beat=3600)
    line.hear()
    line.ask(1, job)
    assert line.hear() == trouble
    line.ask(2, "large")
    assert line.hear() == Graded(2, (verdict("ex1"),), grown=True)
    line.close()
    assert line.answered == 2


def test_checks_that_cannot_be_collected(
    session: list[BaseException], ended: threading.Event
) -> None:
    """There is no worker then, and the reason is told."""
    error: GraderError = GraderFault("The checks could not be collected.")
    session.append(error)
    line = Line()
    assert line.hear() == Troubled(0, str(error))
    line.close()


def test_it_ends_in_the_middle_of_a_run(
    session: list[BaseException], ended: threading.Event
) -> None:
    """When the pipe closes nobody waits for the verdicts."""
    go_on = threading.Event()

    def slow(request: Request, _run: RunChecks, _listener: Listener) -> Graded:
        asked.close()
        assert ended.wait(60)
        go_on.set()
        return Graded(request.run, ())

    line = Line(grade=slow)
    asked = line._out
    line.hear()
    line.ask(1, "")
    assert go_on.wait(60)
    line.close()


def test_nobody_listens(ended: threading.Event) -> None:
    """Where an answer cannot be sent, the worker ends."""
    requests, ours = os.pipe()
    read, answers = os.pipe()
    os.close(read)
    Pipe(requests, answers).say(Ready())
    assert ended.is_set()
    for fd in (ours, answers):
        os.close(fd)  # the reader ends with its pipe
