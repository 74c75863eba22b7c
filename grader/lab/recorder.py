"""The record of one scenario: who did what, at which virtual time, on which line.

An event is a row `[time, task, kind, line, *data]` of plain JSON values; `task` is a number in the
trace's table of tasks (0 for the lab itself), `line` a line of the learner's file or None. The
kinds are listed in `grader.trace.record`, which reads them.
"""

from __future__ import annotations

import asyncio
from asyncio import current_task
from collections import Counter, deque
from collections.abc import Callable
from types import CoroutineType
from typing import Any

from grader.lab.clock import VirtualClock
from grader.lab.hidden import opaque
from grader.lab.ordered import LabTask, number_of
from grader.lab.plain import LONGEST_NAME
from grader.lab.stacks import current_line, error_record

__all__ = ["LONGEST_PRINT", "Full", "Recorder"]

# Of one scenario: who looks for work each second for three hours comes to 54,000, on Python 3.11.
MOST_EVENTS = 60_000
MOST_EVENTS_IN_ALL = 100_000  # of all scenarios of a process
MOST_WRITTEN = 1_000_000  # characters in one scenario: lines, names, what errors say
ERROR = 200  # characters of an error's record, beside what it says
LONGEST_STOP = 600.0  # virtual seconds of `time.sleep`: nobody waits that long
LONGEST_PRINT = 2_000  # characters kept of one line
# Virtual seconds since anybody worked, and how much of what is only said or looked for is kept then.
LONG_AGO, IDLE_ROWS = 20.0, 2_000
LOOKS = ("get_wait", "spawn")  # what a consumer does that looks again and again for an item

_running_loop = asyncio._get_running_loop


class Full(BaseException):
    """The record is full: the learner's code does or prints far more than any exercise needs."""


class Recorder:
    """Keeps the events of one scenario, up to a limit; then calls `on_full`, which must not return.

    filename: the learner's file, as its frames call it. names: of its module. before: how many events
    there were in the scenarios before this one. brief: whether no prints are kept, and no lines but those
    of tries that begin.
    """

    def __init__(
        self,
        clock: VirtualClock,
        filename: str,
        names: dict[str, Any],
        *,
        on_full: Callable[[str], None] | None = None,
        before: int = 0,
        brief: bool = False,
    ) -> None:
        self.clock = clock
        self.filename = filename
        self.names = names
        self.brief = brief
        self.events: list[list[Any]] = []
        self.tasks: list[str] = ["lab"]
        self.live: dict[int, asyncio.Task[Any]] = {}
        self.progress = 0
        self.worked_at = 0.0  # when something happened last that was more than a look
        self.beats: Counter[int] = Counter()  # timers that fired since then, by task
        self.workers: set[int] = set()  # tasks that have begun a try
        self.deterministic = True
        self.unawaited: list[list[Any]] = []
        self.seeds: list[int | None] = []
        self.full = False
        self.tampered = False  # with the loop's own timers
        self.stalled = False  # by waits that the loop knows nothing of
        self.endless = False  # told by the service: the loop ends the run
        self.first_queue: asyncio.Queue[Any] | None = None
        self._most = min(MOST_EVENTS, MOST_EVENTS_IN_ALL - before)
        self._written = 0
        self._idle_rows = 0
        self._stopped = 0.0
        self._on_full = on_full
        self._ended = opaque(self._task_ended)  # a task shows who hears of its end

    # -- writing --------------------------------------------------------------------------------

    def add(self, kind: str, *data: Any) -> None:
        """Note an event of the task and the line that are running now."""
        now = self.clock.now
        self.progress += 1
        task = self.task()
        if kind not in LOOKS:
            self.worked_at = now
            if self.beats:
                self.beats.clear()
            if kind == "begin":
                self.workers.add(task)
        elif kind == "get_wait" and self._is_idle():
            return
        line = None
        if not self.brief or kind == "begin":
            line = current_line(self.filename, self.names)
        if len(self.events) >= self._most:
            self._full("events")
        self.events.append([now, task, kind, line, *data])

    def fired(self, task: int, line: int | None, delay: float) -> None:
        """Note that a timer fired that this task had asked for."""
        self.beats[task] += 1
        self.add_for(task, "timer", line, delay)

    def add_for(self, task: int, kind: str, line: int | None, *data: Any) -> None:
        """Note an event of another task, or one that is no progress (a timer, a print)."""
        if len(self.events) >= self._most:
            self._full("events")
        self.events.append([self.clock.now, task, kind, line, *data])

    def printed(self, kind: str, text: str) -> None:
        """Note what was written to stdout or stderr."""
        if self._is_idle():
            return
        self._written += len(text)
        if self._written > MOST_WRITTEN:
            self._full("output")
        size = None if self.first_queue is None else _waiting_in(self.first_queue)
        line = current_line(self.filename, self.names)
        self.add_for(self.task(), kind, line, text[:LONGEST_PRINT], size)

    def _is_idle(self) -> bool:
        """Whether nobody has worked for long, and what is said meanwhile has been said often."""
        if self.clock.now - self.worked_at <= LONG_AGO:
            self._idle_rows = 0
            return False
        self._idle_rows += 1
        return self._idle_rows > IDLE_ROWS

    def _count(self, characters: int) -> None:
        self._written += characters
        if self._written > MOST_WRITTEN:
            self._full("output")

    def blocked(self, seconds: float) -> None:
        """Note that `time.sleep` stopped the loop; for ever, when it was an hour in all."""
        self.add("blocked", seconds)
        self._stopped += seconds
        if self._stopped > LONGEST_STOP:
            self._full("blocked")

    def _full(self, what: str) -> None:
        self.full = True
        if self._on_full is not None:
            self._on_full(what)
        raise Full(what)

    def note_unawaited(self, coroutine: Any) -> None:
        """Note a coroutine that nobody awaited, with the line at which it was made."""
        origin = getattr(coroutine, "cr_origin", None) or ()
        line = next((n for file, n, _ in origin if file == self.filename), None)
        self.unawaited.append([coroutine.__qualname__[:LONGEST_NAME], line])

    # -- who and where --------------------------------------------------------------------------

    def task(self) -> int:
        """The number of the running task; 0 outside of tasks."""
        loop = _running_loop()
        if loop is None:
            return 0
        task = current_task(loop)
        if type(task) is LabTask:
            number: int = number_of(task)
            return number
        return 0 if task is None else self.take_in(task)

    def take_in(self, task: asyncio.Task[Any]) -> int:
        """The number of a task that was made past the loop: it is the learner's as well."""
        for number, known in self.live.items():
            if known is task:
                return number
        number = self.next_task()
        self.tasks[number] = task.get_name()[:LONGEST_NAME]
        self.live[number] = task
        self.add_for(0, "spawn", None, number)
        return number

    def check_task(self) -> None:
        """Note when the task that is said to be running is not: somebody put it in another's place."""
        loop = _running_loop()
        task = current_task(loop) if loop is not None else None
        coroutine = task.get_coro() if task is not None else None
        if type(coroutine) is CoroutineType and not coroutine.cr_running:
            self.tampered = True

    def learner_task(self) -> int:
        """The number of the running task when it is the learner's, else 0."""
        number = self.task()
        return number if number in self.live else 0

    def line(self) -> int | None:
        """The learner's line that is running now."""
        return current_line(self.filename, self.names)

    def next_task(self) -> int:
        """The number for a task about to be made."""
        self.tasks.append("")
        return len(self.tasks) - 1

    def task_made(self, task: Any) -> None:
        """Name a new task, and note its end when it comes."""
        number = number_of(task)
        self.tasks[number] = name = task.get_name()[:LONGEST_NAME]
        self._count(len(name))
        self.live[number] = task
        self.add("spawn", number)
        task.add_done_callback(self._ended)

    def disown(self, task: Any) -> None:
        """Take a task of the lab's own out of the record of the learner's."""
        self.live.pop(number_of(task), None)

    def _task_ended(self, task: Any) -> None:
        number = number_of(task)
        known = self.live.pop(number, None)
        if known is None:
            return
        if known is not task:  # somebody made a task of that number, and ended it
            self.live[number] = known
            self.tampered = True
            return
        self.progress += 1
        if task.cancelled():
            self.add_for(number, "end", None, "cancelled", None)
        elif (error := task.exception()) is None:
            self.add_for(number, "end", None, "returned", None)
        else:
            record = error_record(error, self.filename)
            self._count(_length(record))
            self.add_for(number, "end", None, "raised", record)


def _length(record: dict[str, Any]) -> int:
    """About how many characters an error's record has."""
    inner = sum(map(_length, record.get("inner", ())))
    return ERROR + len(record["type"]) + len(record["text"]) + inner


def _waiting_in(queue: asyncio.Queue[Any]) -> int | None:
    """How many items wait in a queue, without a word of the learner's code; None if nobody can tell."""
    held: Any = getattr(queue, "__dict__", {}).get("_queue")
    return len(held) if type(held) in (deque, list) else None
