"""Records one scenario: which task did what, at which virtual time, on which line.

An event is a row `[time, task, kind, line, *data]` of plain JSON values. `task` is an index into the
trace's table of tasks (0 is the lab itself), `line` a line of the learner's file or None. The kinds
are listed in `grader.trace.record`, which reads them.
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
from grader.lab.plain import cut
from grader.lab.stacks import current_line, error_record

__all__ = ["LONGEST_PRINT", "Full", "Recorder"]

# In one scenario: polling every second for three hours makes 54,000, on Python 3.11.
MOST_EVENTS = 60_000
MOST_EVENTS_IN_ALL = 100_000  # in all scenarios of a process
MOST_WRITTEN = 1_000_000  # characters in one scenario: printed lines, names, error messages
ERROR = 200  # characters of an error's record, besides its message
# Of `time.sleep`: virtual seconds and calls in all. No correct solution calls it at all.
LONGEST_STOP, MOST_STOPS = 600.0, 2_000
LONGEST_PRINT = 2_000  # characters kept of one line
# Virtual seconds without work until a run counts as idle, and the prints and looks kept from then on.
LONG_AGO, IDLE_ROWS = 20.0, 2_000
LOOKS = ("get_wait", "spawn")  # the events of a consumer that polls for items

_running_loop = asyncio._get_running_loop


class Full(BaseException):
    """The record is full: the learner's code did or printed far more than any exercise needs."""


class Recorder:
    """Keeps the events of one scenario, up to a limit; then calls `on_full`, which must not return.

    filename: the learner's file, as named in its frames.
    names: the namespace of its module.
    before: the number of events in earlier scenarios.
    brief: keep no prints, and line numbers only for the beginnings of tries.
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
        self.worked_at = 0.0  # the time of the last event other than a look
        self.beats: Counter[int] = Counter()  # timers that fired since then, by task
        self.workers: set[int] = set()  # tasks that have begun a try
        self.deterministic = True
        self.unawaited: list[list[Any]] = []
        self.seeds: list[int | None] = []
        self.full = False
        self.tampered = False  # the loop's timers or tasks were manipulated
        self.stalled = False  # the process really waited, unseen by the loop
        self.endless = False  # set by the service for too many tries: the loop then ends the run
        self.first_queue: asyncio.Queue[Any] | None = None
        self._most = min(MOST_EVENTS, MOST_EVENTS_IN_ALL - before)
        self._written = 0
        self._idle_rows = 0
        self._stopped = 0.0
        self._stops = 0
        self._on_full = on_full
        self._ended = opaque(self._task_ended)  # opaque, as a task shows its callbacks

    # -- writing --------------------------------------------------------------------------------

    def add(self, kind: str, *data: Any) -> None:
        """Record an event of the running task and line."""
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
        """Record that a timer of this task fired."""
        self.beats[task] += 1
        self.add_for(task, "timer", line, delay)

    def add_for(self, task: int, kind: str, line: int | None, *data: Any) -> None:
        """Record an event of another task, or one that is not progress (a timer, a print)."""
        if len(self.events) >= self._most:
            self._full("events")
        self.events.append([self.clock.now, task, kind, line, *data])

    def printed(self, kind: str, text: str) -> None:
        """Record a line written to stdout or stderr."""
        if self._is_idle():
            return
        self._written += len(text)
        if self._written > MOST_WRITTEN:
            self._full("output")
        size = None if self.first_queue is None else _waiting_in(self.first_queue)
        line = current_line(self.filename, self.names)
        self.add_for(self.task(), kind, line, text[:LONGEST_PRINT], size)

    def _is_idle(self) -> bool:
        """Whether the run has been idle for long and enough has been recorded since; counts this call."""
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
        """Record that `time.sleep` blocked the loop; ends the run after too many of them."""
        self.add("blocked", seconds)
        self._stopped += seconds
        self._stops += 1
        if self._stopped > LONGEST_STOP or self._stops > MOST_STOPS:
            self._full("blocked")

    def _full(self, what: str) -> None:
        self.full = True
        if self._on_full is not None:
            self._on_full(what)
        raise Full(what)

    def note_unawaited(self, coroutine: Any) -> None:
        """Record a coroutine that was never awaited, with the line that made it."""
        origin = getattr(coroutine, "cr_origin", None) or ()
        line = next((n for file, n, _ in origin if file == self.filename), None)
        self.unawaited.append([cut(coroutine.__qualname__), line])

    # -- tasks and lines ------------------------------------------------------------------------

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
        """The number of a task that was made without the loop's factory: it is the learner's too."""
        known = self._number_of(task)
        if known is not None:
            return known
        number = self.next_task()
        self.tasks[number] = cut(task.get_name())
        self.live[number] = task
        self.add_for(0, "spawn", None, number)
        task.add_done_callback(self._ended)
        return number

    def _number_of(self, task: asyncio.Task[Any]) -> int | None:
        """The number of a task of the learner's; None if it has none yet, or is over."""
        if type(task) is LabTask:
            number: int = number_of(task)
            return number
        return next((number for number, one in self.live.items() if one is task), None)

    def check_task(self) -> None:
        """Set `tampered` if the current task is not the one that runs: it was swapped in."""
        loop = _running_loop()
        task = current_task(loop) if loop is not None else None
        coroutine = task.get_coro() if task is not None else None
        if type(coroutine) is CoroutineType and not coroutine.cr_running:
            self.tampered = True

    def learner_task(self) -> int:
        """The number of the running task if it is the learner's, else 0."""
        number = self.task()
        return number if number in self.live else 0

    def line(self) -> int | None:
        """The learner's line that is running."""
        return current_line(self.filename, self.names)

    def next_task(self) -> int:
        """The number for a task about to be made."""
        self.tasks.append("")
        return len(self.tasks) - 1

    def task_made(self, task: Any) -> None:
        """Record a new task and its name, and later its end."""
        number = number_of(task)
        self.tasks[number] = name = cut(task.get_name())
        self._count(len(name))
        self.live[number] = task
        self.add("spawn", number)
        task.add_done_callback(self._ended)

    def disown(self, task: Any) -> None:
        """Remove a task of the lab's from the learner's tasks."""
        self.live.pop(number_of(task), None)

    def _task_ended(self, task: Any) -> None:
        number = self._number_of(task)
        known = self.live.pop(number, None) if number is not None else None
        if number is None or known is None:
            return
        if known is not task:  # the learner's code made another task with this number
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
    """The approximate number of characters in an error's record."""
    inner = sum(map(_length, record.get("inner", ())))
    return ERROR + len(record["type"]) + len(record["text"]) + inner


def _waiting_in(queue: asyncio.Queue[Any]) -> int | None:
    """The number of items in a queue, without calling the learner's code; None if unknown."""
    held: Any = getattr(queue, "__dict__", {}).get("_queue")
    return len(held) if type(held) in (deque, list) else None
