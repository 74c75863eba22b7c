"""Plays one script on a loop to whatever end it reaches, and returns its trace."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from grader.lab.contract import Unusable, awaited, bound
from grader.lab.hidden import Steps, bare, opaque
from grader.lab.items import Items
from grader.lab.loop import Engine, Livelock, LoopStopped, Quiet, TimeLimit
from grader.lab.ordered import LabTask, number_of
from grader.lab.plain import plain
from grader.lab.recorder import Full, Recorder
from grader.lab.resting import Resting
from grader.lab.stacks import error_on_its_way, error_record, waiting_at
from grader.lab.stage import Stage
from grader.lab.things import Things
from grader.script import QUIET, Script

__all__ = ["FORMAT", "Run", "abandon"]

FORMAT = 2
ORIGIN = 2  # frames kept in case a coroutine is never awaited; each slows down every coroutine

_all_tasks = asyncio.all_tasks  # kept from before the learner's module runs, which may replace it


class Run:
    """One run of a script on a loop."""

    def __init__(
        self,
        engine: Engine,
        record: Recorder,
        items: Items,
        module: types.ModuleType | None,
        script: Script,
    ) -> None:
        self.engine = engine
        self.loop = engine.loop
        self.record = record
        self.items = items
        self.module = module
        self.script = script
        self.end: dict[str, Any] = {"how": "unfinished"}
        self.result: Any = None
        self.calls: list[asyncio.Task[Any] | None] = []
        self.things: Things | None = None
        self.counts: dict[str, Any] | None = None
        self.labs: list[asyncio.Task[Any]] = []  # the lab's own tasks
        self.waits: list[dict[str, Any]] = []
        self.left: list[dict[str, Any]] = []
        self.joined_stats: Any = None
        self.idle_stats: Any = None
        self.last_stats: Any = None
        self.clock: float | None = None  # where the record ends, if the loop went on after that

    def play(self) -> Steps[None]:
        """Run the script to whatever end it reaches."""
        sys.set_coroutine_origin_tracking_depth(ORIGIN)
        try:
            yield from self._play(self.script)
        except Unusable as error:
            self.end = {"how": error.how, "detail": str(error)}
            if error.line is not None:
                self.end["line"] = error.line
        except Livelock:
            self.end = {"how": "livelock", **self._spinning()}
            self.waits = self._waits()
        except TimeLimit:
            self.end = {"how": "time_limit"}
            if not self.record.endless:  # endless tries are not waits
                self.waits = self._waits()
        except MemoryError as error:
            self.end = {"how": "memory", "error": error_record(error, self.record.filename)}
        except SystemExit as error:
            self.end = {"how": "exit", "error": error_record(error, self.record.filename)}
        except BaseException as error:
            self.end = {"how": "raised", "error": error_record(error, self.record.filename)}
        finally:
            sys.set_coroutine_origin_tracking_depth(0)

    def _play(self, script: Script) -> Steps[None]:
        stage = Stage(self.items, self.record, self.engine)
        self.things = things = Things(script, stage, self.module)
        self.counts = things.counts
        begins = [
            partial(self._begin, number, call)
            for number, call in enumerate(self._bound_calls(things))
        ]
        self.calls = [None] * len(begins)
        cancels = [action for action in script.actions if action.do == "cancel"]
        for action in script.actions:
            if action.do != "cancel":
                self._at(action.at, things.does(action))
        for call, begin in zip(script.calls, begins, strict=True):
            self._at(call.at, begin)
        for reader in script.readers:
            self._at(
                reader.since, partial(self._begin_of_the_labs, things.reading(reader), "reader")
            )
        until_quiet = script.ends == QUIET
        if until_quiet and things.queues:
            last = max((one.at for one in script.actions if one.do == "put"), default=0.0)
            self.engine.at(last, self._watch_join, things.queues[0])
        for action in cancels:
            self.engine.at(action.at, self._cancel, action.what)
        resting = Resting(self.engine, things.tries_open, sorted(script.moments()))
        if until_quiet:
            queue = things.queues[0] if things.queues else None
            self.engine.rest = partial(resting.until_quiet, queue, self.calls)
            yield from self._until_quiet(cancel=not cancels)
        else:
            self.engine.rest = partial(resting.until_returned, script.hands)
            yield from self._until_returned()

    # -- calls ----------------------------------------------------------------------------------

    def _bound_calls(self, things: Things) -> list[Callable[[], Any]]:
        """The calls, ready to make; raises `Unusable` if one cannot be made."""
        known: dict[str, Callable[..., Any]] = {}
        found: list[Callable[[], Any]] = []
        for call in self.script.calls:
            values = tuple(map(things.value, call.values))
            key = f"{call.function} {len(values)} {call.options}"
            if key not in known:
                known[key] = bound(self.module, call.function, values, call.names, call.options)
            found.append(partial(known[key], *values))
        return found

    def _begin(self, number: int, call: Callable[[], Any]) -> None:
        said = self.script.calls[number]
        made = awaited(call, said.function)
        task = self.loop.create_task(made, name=said.task or said.function)
        self.calls[number] = task
        if self.script.ends != QUIET:
            task.add_done_callback(opaque(lambda _task: self._stop_after()))

    def _begin_of_the_labs(self, coroutine: Any, name: str) -> None:
        """Start a task of the lab's, and keep it out of the learner's tasks."""
        task = self.loop.create_task(coroutine, name=name)
        self.record.disown(task)
        self.labs.append(task)

    def told(self, queue: Any, value: Any) -> Any:
        """A value that is put into a queue, as plain data; None for queues that are not the script's."""
        return None if self.things is None else self.things.told(queue, value)

    def _at(self, when: float, action: Callable[[], Any]) -> None:
        """Run an action at `when`, or now if that is past."""
        if when <= 0:
            action()
        else:
            self.engine.at(when, action)

    def _cancel(self, which: tuple[int, ...] = ()) -> None:
        self.record.add("cancel")
        for number, task in enumerate(self.calls):
            if task is not None and (not which or number in which):
                task.cancel()

    # -- until all calls have returned ----------------------------------------------------------

    def _until_returned(self) -> Steps[None]:
        try:
            yield self.engine.running()
        except Quiet:
            self.end = {"how": "deadlock"}
            self.waits = self._waits()
            return
        self.record.add("return")
        yield from _turn(self.engine)
        self.left = self._waits()
        mains = [task for task in self.calls if task is not None]
        failed = [main for main in mains if _has_failed(main)]
        for main in failed[:1] or mains:
            self._note_end(main)
        if len(mains) > 1 and not failed:
            self.result = [self.items.told(main.result()) for main in mains]
        self.last_stats = plain(self.counts)
        if self.end["how"] == "returned" and not self.left:
            yield from self._afterwards()

    def _afterwards(self) -> Steps[None]:
        """Let the timers fire that are left, and note the first try that begins then.

        The record ends before that.
        """
        last = self.engine.last_pending()
        if last is None:
            return
        self.clock, events = self.engine.clock.now, self.record.events
        whole = len(events)
        self.engine.rest = lambda _until: None
        self.engine.at(last, self.loop.stop)
        with contextlib.suppress(LoopStopped, Full):
            yield self.engine.running()
            yield from _turn(self.engine)
        self.record.full = False
        later = (event for event in events[whole:] if event[2] == "begin")
        for at, _task, _kind, line, item, number, *_ in later:
            self.end["after"] = [at, line, item, number]
            break
        del events[whole:]

    def _stop_after(self) -> None:
        """Stop the loop when all calls have ended, or one has failed or was cancelled."""
        ended = [task for task in self.calls if task is not None and task.done()]
        if any(map(_has_failed, ended)) or len(ended) == len(self.calls):
            self.loop.stop()

    def _note_end(self, main: asyncio.Task[Any]) -> None:
        if main.cancelled():
            self.end = {"how": "cancelled"}
            return
        error = main.exception()
        if isinstance(error, Unusable):
            raise error
        if error is None:
            self.result = self.items.told(main.result())
            self.end = {"how": "returned"}
        else:
            how = "memory" if isinstance(error, MemoryError) else "raised"
            self.end = {"how": how, "error": error_record(error, self.record.filename)}

    # -- until all is quiet ---------------------------------------------------------------------

    def _until_quiet(self, *, cancel: bool) -> Steps[None]:
        """cancel: whether to cancel the calls once all is quiet."""
        yield from self._to_quiet()
        self.idle_stats = plain(self.counts)
        self.waits = self._waits()
        self.record.add("quiet")
        self._raise_unusable()
        if cancel:
            self._cancel()
            yield from self._to_quiet()
        self.last_stats = plain(self.counts)
        self.left = self._waits()
        self.end = {"how": "quiet"}

    def _to_quiet(self) -> Steps[None]:
        with contextlib.suppress(Quiet):
            yield self.engine.running()

    def _watch_join(self, queue: asyncio.Queue[Any]) -> None:
        """Await the queue's `join`, as a pipeline would, and save the counts at that moment."""
        self._begin_of_the_labs(_joined(queue, opaque(self._join)), "join")

    def _join(self) -> None:
        self.joined_stats = plain(self.counts)

    def _raise_unusable(self) -> None:
        """Raise a call's `Unusable` or `MemoryError`: the calls could not be judged at all."""
        for task in self.calls:
            if task is not None and task.done() and not task.cancelled():
                error = task.exception()
                if isinstance(error, Unusable | MemoryError):
                    raise error

    # -- reading the loop's state ---------------------------------------------------------------

    def _waits(self) -> list[dict[str, Any]]:
        """Where each of the learner's tasks is waiting now."""
        filename = self.record.filename
        self._take_in()
        found: list[dict[str, Any]] = []
        for number, task in list(self.record.live.items())[:200]:
            line, inside = waiting_at(task, filename)
            found.append({"task": number, "line": line, "in": inside})
            if (error := error_on_its_way(task)) is not None:
                found[-1]["error"] = error_record(error, filename)
        return found

    def _take_in(self) -> None:
        """Give numbers to tasks that were made without the loop's factory: they are the learner's too."""
        for task in _all_tasks(self.loop):
            if type(task) is not LabTask:
                self.record.take_in(task)

    def _spinning(self) -> dict[str, int | None]:
        """The task that runs next and its line, or else those of the last timer that fired."""
        ready = self.engine.ready_tasks()
        if ready:
            line = waiting_at(ready[0], self.record.filename)[0]
            return {"line": line, "task": number_of(ready[0])}
        timers = (event for event in reversed(self.record.events[-50:]) if event[2] == "timer")
        return next(
            ({"line": line, "task": task} for _at, task, _kind, line, *_delay in timers),
            {"line": None, "task": None},
        )

    def forget(self) -> None:
        """Drop the tasks: their tracebacks refer back to this object, a cycle that would stay alive.

        The lab's own are cancelled: a reader would outlive a run that raised.
        """
        for task in self.labs:
            task.cancel()
        self.calls.clear()
        self.labs.clear()
        self.things = None
        self.items.close()

    def _end(self) -> dict[str, Any]:
        """How the run ended; a problem seen on the way takes precedence over the final state."""
        if self.record.full:
            return {"how": "output"}
        if not self.engine.is_whole():
            return {"how": "tampered"}
        if self.record.stalled:
            return {"how": "stalled"}
        return {"how": "tampered"} if self.record.tampered else self.end

    def trace(self) -> dict[str, Any]:
        """The trace of the run, as plain JSON data."""
        record = self.record
        if self.things is not None:
            self.things.tell_again()
        return {
            "format": FORMAT,
            "end": self._end(),
            "clock": self.engine.clock.now if self.clock is None else self.clock,
            "tasks": list(record.tasks),  # copies: leftover tasks still write to the originals
            "crew": [
                number_of(task) if type(task) is LabTask else 0
                for task, call in zip(self.calls, self.script.calls, strict=False)
                if call.task
            ],
            "labs": [number_of(task) for task in self.labs],
            "events": list(record.events),
            "waits": self.waits,
            "left": self.left,
            "unawaited": record.unawaited[:100],
            "seeds": record.seeds[:100],
            "joined_stats": self.joined_stats,
            "stats": self.idle_stats,
            "last_stats": self.last_stats,
            "result": self.result,
            "deterministic": record.deterministic,
        }


def _has_failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


@bare
async def _joined(queue: asyncio.Queue[Any], then: Callable[[], None]) -> None:
    await queue.join()
    then()


def abandon(engine: Engine, nowhere: Recorder) -> Steps[None]:
    """Close the loop and everything still running on it, recording that in `nowhere`, to be dropped."""
    loop = engine.loop
    left = list(engine.recorder.live.values())
    engine.recorder.live.clear()
    engine.recorder = nowhere
    for task in left:
        task.cancel()
    # The learner's `finally` blocks run here; what they raise does not affect the verdict.
    with contextlib.suppress(BaseException):
        yield from _turn(engine, most=50)
    for task in left:
        if not task.done():  # close it now: garbage collection might do so during another scenario
            coroutine: Any = task.get_coro()
            with contextlib.suppress(BaseException):
                yield coroutine.close
    left.clear()
    executor: Any = loop._default_executor  # type: ignore[attr-defined]
    if executor is not None:
        executor.shutdown(wait=False, cancel_futures=True)
    loop.close()


def _turn(engine: Engine, most: int = 1_000) -> Steps[None]:
    """Run all ready callbacks, and those that they make ready, without moving the clock."""
    loop = engine.loop
    ready: Any = loop._ready  # type: ignore[attr-defined]
    for _ in range(most):
        if not ready:
            return
        loop.call_soon(loop.stop)
        yield engine.running()
