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
from grader.lab.hidden import Steps, bare, opaque
from grader.lab.loop import Engine, Livelock, Quiet, TimeLimit
from grader.lab.ordered import LabTask, number_of
from grader.lab.plain import LONGEST_NAME, plain
from grader.lab.recorder import Recorder
from grader.lab.service import Items, service, source
from grader.lab.stacks import error_record, waiting_at
from grader.scenario import Consume, Pipeline, Scenario

__all__ = ["FORMAT", "Run", "abandon"]

FORMAT = 1
STATS = ("consumed", "retried", "failed")
ORIGIN = 2  # frames of where a coroutine was made, for one that nobody awaits: each costs every coroutine
REST = 10.0  # virtual seconds in which all consumers only looked for items, and there were none

# Taken now: the learner's module may change them.
_Queue, _all_tasks = asyncio.Queue, asyncio.all_tasks


class Run:
    """One scenario on its loop."""

    def __init__(
        self,
        engine: Engine,
        record: Recorder,
        items: Items,
        module: types.ModuleType | None,
        scenario: Scenario,
    ) -> None:
        self.engine = engine
        self.loop = engine.loop
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

    def play(self) -> Steps[None]:
        """Run the scenario to its end, whatever that is."""
        sys.set_coroutine_origin_tracking_depth(ORIGIN)
        try:
            if isinstance(self.scenario, Pipeline):
                yield from self._pipeline(self.scenario)
            else:
                yield from self._consume(self.scenario)
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

    def _pipeline(self, scenario: Pipeline) -> Steps[None]:
        pull = source(self.items, self.record, lazy=scenario.lazy)
        values = pull, self._service()
        call = partial(bound(self.module, "run_pipeline", values, scenario.options), *values)
        self.main = self.loop.create_task(awaited(call, "run_pipeline"), name="run_pipeline")
        self.main.add_done_callback(opaque(lambda _task: self.loop.stop()))
        try:
            yield self.engine.running()
        except Quiet:
            self.end = {"how": "deadlock"}
            self.waits = self._waits()
            return
        self.record.add("return")
        yield from _turn(self.engine)
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

    def _consume(self, scenario: Consume) -> Steps[None]:
        engine, record = self.engine, self.record
        queue: asyncio.Queue[Any] = _Queue()
        self.stats = dict.fromkeys(STATS, 0)
        rest = queue, self._service(), self.stats
        function = bound(self.module, "consumer", ("", *rest), scenario.options)
        calls = [partial(function, name, *rest) for name in scenario.names]
        self.consumers = [None] * len(calls)

        self._feed(scenario, queue)
        for number in range(len(calls)):
            start = scenario.starts[number] if scenario.starts else 0.0
            self._at(start, self._begin, number, scenario.names[number], calls[number])
        last_put = max((job.at for job in scenario.jobs), default=0.0)
        engine.at(last_put, self._watch_join, queue)
        if scenario.cancel is not None:
            engine.at(scenario.cancel, self._cancel_consumers)
        planned = max(last_put, scenario.cancel or 0.0, *scenario.starts)
        engine.at_rest = partial(self._at_rest, queue, planned)
        yield from self._until_quiet()
        self.idle_stats = plain(self.stats)
        self.waits = self._waits()
        record.add("quiet")
        self._raise_unusable()
        if scenario.cancel is None:
            self._cancel_consumers()
            yield from self._until_quiet()
        self.last_stats = plain(self.stats)
        self.left = self._waits()
        self.end = {"how": "quiet"}

    def _watch_join(self, queue: asyncio.Queue[Any]) -> None:
        """Wait for the end of the work as a pipeline would, and look at the stats at that moment."""
        self.record.disown(self.loop.create_task(_joined(queue, opaque(self._join)), name="join"))

    def _join(self) -> None:
        self.joined_stats = plain(self.stats)

    def _feed(self, scenario: Consume, queue: asyncio.Queue[Any]) -> None:
        for job, item in zip(scenario.jobs, self.items.objects, strict=True):
            self._at(job.at, queue.put_nowait, item)

    def _at(self, when: float, action: Callable[..., Any], *args: Any) -> None:
        """Do something now, or when its time comes."""
        if when <= 0:
            action(*args)
        else:
            self.engine.at(when, action, *args)

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
        now = self.engine.clock.now
        if now - max(self.record.worked_at, planned) < REST:
            return False
        waiting = sum(not getter.done() for getter in queue._getters)
        return waiting >= sum(task is not None and not task.done() for task in self.consumers)

    def _until_quiet(self) -> Steps[None]:
        with contextlib.suppress(Quiet):
            yield self.engine.running()

    def _service(self) -> Callable[[Any], Any]:
        jobs = self.scenario.jobs
        transient = transient_error(self.module) if any(job.fails for job in jobs) else None
        return service(jobs, self.items, self.record, self.engine, transient)

    # -- reading off the loop -------------------------------------------------------------------

    def _waits(self) -> list[dict[str, Any]]:
        """Where each of the learner's tasks waits now."""
        filename = self.record.filename
        self._take_in()
        found = []
        for number, task in list(self.record.live.items())[:200]:
            line, inside = waiting_at(task, filename)
            found.append({"task": number, "line": line, "in": inside})
        return found

    def _take_in(self) -> None:
        """Give tasks that were made past the loop a number: they are the learner's as well."""
        for task in _all_tasks(self.loop):
            if type(task) is not LabTask and task not in self.record.live.values():
                number = self.record.next_task()
                self.record.tasks[number] = task.get_name()[:LONGEST_NAME]
                self.record.live[number] = task

    def _spinning(self) -> dict[str, int | None]:
        """The task whose turn comes next and its line, or else those of the last timer that fired."""
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
        """Let go of the tasks: their tracebacks lead here, and would keep themselves alive."""
        self.main = None
        self.consumers.clear()

    def _end(self) -> dict[str, Any]:
        """How it ended; what was seen in between counts, however it went on then."""
        if self.record.full:
            return {"how": "output"}
        if self.record.stalled:
            return {"how": "stalled"}
        return {"how": "tampered"} if self.record.tampered else self.end

    def trace(self) -> dict[str, Any]:
        """All that happened, as plain JSON data."""
        record = self.record
        return {
            "format": FORMAT,
            "end": self._end(),
            "clock": self.engine.clock.now,
            "tasks": list(record.tasks),  # copies: what is left over goes on in the originals
            "consumers": [
                number_of(task) if type(task) is LabTask else 0 for task in self.consumers
            ],
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


@bare
async def _joined(queue: asyncio.Queue[Any], then: Callable[[], None]) -> None:
    await queue.join()
    then()


def abandon(engine: Engine, nowhere: Recorder) -> Steps[None]:
    """Close the loop over whatever still hangs in it, and record that `nowhere`."""
    loop = engine.loop
    left = list(engine.recorder.live.values())
    engine.recorder.live.clear()
    engine.recorder = nowhere
    for task in left:
        task.cancel()
    # The learner's `finally` blocks run here; what they raise is no part of the verdict.
    with contextlib.suppress(BaseException):
        yield from _turn(engine, most=50)
    for task in left:
        if not task.done():  # now, not whenever it is collected, in the middle of another scenario
            coroutine: Any = task.get_coro()
            with contextlib.suppress(BaseException):
                yield coroutine.close
    left.clear()
    executor: Any = loop._default_executor  # type: ignore[attr-defined]
    if executor is not None:
        executor.shutdown(wait=False, cancel_futures=True)
    loop.close()


def _turn(engine: Engine, most: int = 1_000) -> Steps[None]:
    """Run what is ready now, and what that makes ready, without moving the clock."""
    loop = engine.loop
    ready: Any = loop._ready  # type: ignore[attr-defined]
    for _ in range(most):
        if not ready:
            return
        loop.call_soon(loop.stop)
        yield engine.running()
