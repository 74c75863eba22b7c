"""One scenario on its loop: played to its end, whatever that is, and told as a trace."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from grader.lab.contract import Unusable, awaited, bound, transient_error
from grader.lab.loop import Livelock, Quiet, TimeLimit, VirtualLoop
from grader.lab.plain import plain
from grader.lab.recorder import Recorder
from grader.lab.service import Items, Service, source
from grader.lab.stacks import error_record, waiting_at
from grader.scenario import Consume, Pipeline, Scenario

__all__ = ["FORMAT", "Run", "abandon"]

FORMAT = 1
STATS = ("consumed", "retried", "failed")
REST = 10.0  # virtual seconds in which all consumers only looked for items, and there were none

_Queue = asyncio.Queue  # taken now: the learner's module may change it


class Run:
    """One scenario on its loop."""

    def __init__(
        self,
        loop: VirtualLoop,
        record: Recorder,
        items: Items,
        module: types.ModuleType | None,
        scenario: Scenario,
    ) -> None:
        self.loop = loop
        self.record = record
        self.items = items
        self.module = module
        self.scenario = scenario
        self.end: dict[str, Any] = {"how": "unfinished"}
        self.result: Any = None
        self.stats: dict[str, Any] | None = None
        self.main: asyncio.Task[Any] | None = None
        self.consumers: list[asyncio.Task[Any] | None] = []
        self.waits: list[dict[str, Any]] = []
        self.left: list[dict[str, Any]] = []
        self.joined_stats: Any = None
        self.idle_stats: Any = None
        self.last_stats: Any = None

    def play(self) -> None:
        """Run the scenario to its end, whatever that is."""
        sys.set_coroutine_origin_tracking_depth(6)
        try:
            if isinstance(self.scenario, Pipeline):
                self._pipeline(self.scenario)
            else:
                self._consume(self.scenario)
        except Unusable as error:
            self.end = {"how": error.how, "detail": str(error)}
        except Livelock:
            self.end = {"how": "livelock", **self._spinning()}
            self.waits = self._waits()
        except TimeLimit:
            self.end = {"how": "time_limit"}
            self.waits = self._waits()
        except MemoryError as error:
            self.end = {"how": "memory", "error": error_record(error, self.record.filename)}
        except SystemExit as error:
            self.end = {"how": "exit", "error": error_record(error, self.record.filename)}
        except BaseException as error:
            self.end = {"how": "raised", "error": error_record(error, self.record.filename)}
        finally:
            sys.set_coroutine_origin_tracking_depth(0)

    # -- the two kinds of scenario --------------------------------------------------------------

    def _pipeline(self, scenario: Pipeline) -> None:
        pull = source(self.items, self.record, lazy=scenario.lazy)
        values = pull, self._service()
        call = partial(bound(self.module, "run_pipeline", values, scenario.options), *values)
        self.main = self.loop.create_task(awaited(call, "run_pipeline"), name="run_pipeline")
        self.main.add_done_callback(lambda _task: self.loop.stop())
        try:
            self.loop.run()
        except Quiet:
            self.end = {"how": "deadlock"}
            self.waits = self._waits()
            return
        self.record.add("return")
        _turn(self.loop)
        self.left = self._waits()
        self._note_end(self.main)

    def _note_end(self, main: asyncio.Task[Any]) -> None:
        if main.cancelled():
            self.end = {"how": "cancelled"}
            return
        error = main.exception()
        if isinstance(error, Unusable):
            raise error
        if error is None:
            self.result = plain(main.result())
            self.end = {"how": "returned"}
        else:
            how = "memory" if isinstance(error, MemoryError) else "raised"
            self.end = {"how": how, "error": error_record(error, self.record.filename)}

    def _consume(self, scenario: Consume) -> None:
        loop, record = self.loop, self.record
        queue: asyncio.Queue[Any] = _Queue()
        self.stats = dict.fromkeys(STATS, 0)
        service = self._service()
        rest = queue, service, self.stats
        function = bound(self.module, "consumer", ("", *rest), scenario.options)
        calls = [partial(function, name, *rest) for name in scenario.names]
        self.consumers = [None] * len(calls)

        self._feed(scenario, queue)
        for number in range(len(calls)):
            start = scenario.starts[number] if scenario.starts else 0.0
            self._at(start, self._begin, number, scenario.names[number], calls[number])
        last_put = max((job.at for job in scenario.jobs), default=0.0)
        loop.call_at(
            last_put, lambda: record.disown(loop.create_task(self._join(queue), name="join"))
        )
        if scenario.cancel is not None:
            loop.call_at(scenario.cancel, self._cancel_consumers)
        planned = max(last_put, scenario.cancel or 0.0, *scenario.starts)
        loop.at_rest = partial(self._at_rest, queue, planned)
        self._until_quiet()
        self.idle_stats = plain(self.stats)
        self.waits = self._waits()
        record.add("quiet")
        self._raise_unusable()
        if scenario.cancel is None:
            self._cancel_consumers()
            self._until_quiet()
        self.last_stats = plain(self.stats)
        self.left = self._waits()
        self.end = {"how": "quiet"}

    async def _join(self, queue: asyncio.Queue[Any]) -> None:
        """Wait for the end of the work as a pipeline would, and look at the stats at that moment."""
        await queue.join()
        self.joined_stats = plain(self.stats)

    def _feed(self, scenario: Consume, queue: asyncio.Queue[Any]) -> None:
        for job, item in zip(scenario.jobs, self.items.objects, strict=True):
            self._at(job.at, queue.put_nowait, item)

    def _at(self, when: float, action: Callable[..., Any], *args: Any) -> None:
        """Do something now, or when its time comes."""
        if when <= 0:
            action(*args)
        else:
            self.loop.call_at(when, action, *args)

    def _begin(self, number: int, name: str, call: Callable[[], Any]) -> None:
        made = awaited(call, "consumer")
        self.consumers[number] = self.loop.create_task(made, name=name)

    def _raise_unusable(self) -> None:
        """Raise what says that the consumers could not be judged at all."""
        for task in self.consumers:
            if task is not None and task.done() and not task.cancelled():
                error = task.exception()
                if isinstance(error, Unusable | MemoryError):
                    raise error

    def _cancel_consumers(self) -> None:
        self.record.add("cancel")
        for task in self.consumers:
            if task is not None:
                task.cancel()

    def _at_rest(self, queue: Any, planned: float) -> bool:
        """Has all been done, though timers go on: do the consumers wait for an item, now and again?

        A consumer may wait with a timeout and try again, or have a reporter beside it.
        """
        now = self.loop.clock.now
        if now - max(self.record.worked_at, planned) < REST:
            return False
        waiting = sum(not getter.done() for getter in queue._getters)
        return waiting >= sum(task is not None and not task.done() for task in self.consumers)

    def _until_quiet(self) -> None:
        try:
            self.loop.run()
        except Quiet:
            return

    def _service(self) -> Service:
        if not any(job.fails for job in self.scenario.jobs):
            return Service(self.scenario.jobs, self.items, self.record, None)
        transient = transient_error(self.module)
        return Service(self.scenario.jobs, self.items, self.record, transient)

    # -- reading off the loop -------------------------------------------------------------------

    def _waits(self) -> list[dict[str, Any]]:
        """Where each of the learner's tasks waits now."""
        filename = self.record.filename
        found = []
        for number, task in list(self.record.live.items())[:200]:
            line, inside = waiting_at(task, filename)
            found.append({"task": number, "line": line, "in": inside})
        return found

    def _spinning(self) -> dict[str, int | None]:
        """The task whose turn comes next and its line, or else those of the last timer that fired."""
        ready = self.loop.ready_tasks()
        if ready:
            line = waiting_at(ready[0], self.record.filename)[0]
            return {"line": line, "task": getattr(ready[0], "lab_id", None)}
        timers = (event for event in reversed(self.record.events[-50:]) if event[2] == "timer")
        return next(
            ({"line": line, "task": task} for _at, task, _kind, line, *_delay in timers),
            {"line": None, "task": None},
        )

    def forget(self) -> None:
        """Let go of the tasks: their tracebacks lead here, and would keep themselves alive."""
        self.main = None
        self.consumers.clear()

    def trace(self) -> dict[str, Any]:
        """All that happened, as plain JSON data."""
        record = self.record
        return {
            "format": FORMAT,
            "end": {"how": "output"} if record.full else self.end,  # however it went on then
            "clock": self.loop.clock.now,
            "tasks": list(record.tasks),  # copies: what is left over goes on in the originals
            "consumers": [getattr(task, "lab_id", 0) for task in self.consumers],
            "events": list(record.events),
            "waits": self.waits,
            "left": self.left,
            "unawaited": record.unawaited,
            "seeds": record.seeds[:100],
            "joined_stats": self.joined_stats,
            "stats": self.idle_stats,
            "last_stats": self.last_stats,
            "result": self.result,
            "deterministic": record.deterministic,
        }


def abandon(loop: VirtualLoop, nowhere: Recorder) -> None:
    """Close the loop over whatever still hangs in it, and record that `nowhere`."""
    left = list(loop.recorder.live.values())
    loop.recorder.live.clear()
    loop.recorder = nowhere
    for task in left:
        task.cancel()
    # The learner's `finally` blocks run here; what they raise is no part of the verdict.
    with contextlib.suppress(BaseException):
        _turn(loop, most=50)
    for task in left:
        if not task.done():  # now, not whenever it is collected, in the middle of another scenario
            coroutine: Any = task.get_coro()
            with contextlib.suppress(BaseException):
                coroutine.close()
    left.clear()
    executor: Any = loop._default_executor  # type: ignore[attr-defined]
    if executor is not None:
        executor.shutdown(wait=False, cancel_futures=True)
    loop.close()


def _turn(loop: VirtualLoop, most: int = 1_000) -> None:
    """Run what is ready now, and what that makes ready, without moving the clock."""
    ready: Any = loop._ready  # type: ignore[attr-defined]
    for _ in range(most):
        if not ready:
            return
        loop.call_soon(loop.stop)
        loop.run()
