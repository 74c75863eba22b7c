"""One scenario on its loop: played to its end, whatever that is, and told as a trace."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
import types
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from grader.lab.contract import Unusable, awaited, bound, transient_error
from grader.lab.hidden import Steps, bare, opaque
from grader.lab.loop import Engine, Livelock, Quiet, TimeLimit
from grader.lab.ordered import LabTask, number_of
from grader.lab.plain import plain
from grader.lab.recorder import Recorder
from grader.lab.service import Items, service, source
from grader.lab.stacks import error_on_its_way, error_record, waiting_at
from grader.scenario import Consume, Pipeline, Scenario

__all__ = ["FORMAT", "Run", "abandon"]

FORMAT = 1
STATS = ("consumed", "retried", "failed")
ORIGIN = 2  # frames of where a coroutine was made, for one that nobody awaits: each costs every coroutine
# Virtual seconds in which all consumers only looked for items, and there were none: after the last item
# nothing more is expected then, and before it their looks need not be waited for any longer.
REST, LONG_REST = 10.0, 20.0
BEATS = 20  # so many of them make a heart
HEARTBEAT = 10.0  # virtual seconds: a timer that comes sooner, all that time, is no limit of time

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
        self.tries_open: Callable[[], int] = lambda: 0
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
            if error.line is not None:
                self.end["line"] = error.line
        except Livelock:
            self.end = {"how": "livelock", **self._spinning()}
            self.waits = self._waits()
        except TimeLimit:
            self.end = {"how": "time_limit"}
            if not self.record.endless:  # who tries without end waits for nothing
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
        process_item, last = self._service(), len(scenario.jobs)
        first = last - scenario.beside
        runs = (range(first), range(first, last)) if scenario.beside else (range(last),)
        mains: list[asyncio.Task[Any]] = []
        for which in runs:
            pull = source(self.items, self.record, which, lazy=scenario.lazy)
            values = pull, process_item
            call = partial(bound(self.module, "run_pipeline", values, scenario.options), *values)
            main = self.loop.create_task(awaited(call, "run_pipeline"), name="run_pipeline")
            main.add_done_callback(opaque(lambda _task: self._stop_after(mains)))
            mains.append(main)
        self.main = mains[0]
        crew = scenario.options.get("consumers", 3) * len(runs)
        self.engine.rest = partial(self._rest_of_crew, crew)
        try:
            yield self.engine.running()
        except Quiet:
            self.end = {"how": "deadlock"}
            self.waits = self._waits()
            return
        self.record.add("return")
        yield from _turn(self.engine)
        self.left = self._waits()
        failed = [main for main in mains if _has_failed(main)]
        for main in failed[:1] or mains:
            self._note_end(main)
        if scenario.beside and not failed:
            self.result = [plain(main.result()) for main in mains]

    def _stop_after(self, mains: list[asyncio.Task[Any]]) -> None:
        """Stop the loop when all of these have ended, or one in another way than by returning."""
        ended = [main for main in mains if main.done()]
        if any(map(_has_failed, ended)) or len(ended) == len(mains):
            self.loop.stop()

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
        cancel = () if scenario.cancel is None else (scenario.cancel,)
        planned = {*(job.at for job in scenario.jobs), *cancel, *scenario.starts}
        engine.rest = partial(self._rest, queue, sorted(planned))
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

    def _rest(self, queue: Any, planned: list[float], until: float) -> float | None:
        """When something is to happen, if all consumers only wait.

        A consumer may wait with a timeout and try again, or have a reporter beside it; `until` is when
        the next of these comes. None: it is too early to say, or time goes on in large steps anyhow.
        Infinity: nothing will happen any more.
        """
        now = self.engine.clock.now
        if now - self.record.worked_at < REST:
            return None
        tries = self.tries_open()
        idle = now - max(self.record.worked_at, *(at for at in planned if at <= now), 0.0)
        coming = next((at for at in planned if at > now), math.inf)
        over = coming == math.inf and not tries
        if idle < (REST if over else LONG_REST) or (not over and until - now > HEARTBEAT):
            return None
        alive = sum(task is not None and not task.done() for task in self.consumers)
        if over:
            return math.inf if _waiting(queue) >= alive else None
        first = min(coming, self.engine.first_after(now + HEARTBEAT))
        wait = _waiting(queue) + tries >= alive or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def _only_hearts_beat(self) -> bool:
        """Whether whoever wakes soon has never had an item in hand: no consumer's pause ends."""
        soon = self.engine.wakes_before(self.engine.clock.now + HEARTBEAT)
        beats = sum(self.record.beats[task] for task in soon)
        return beats >= BEATS and not soon & self.record.workers

    def _rest_of_crew(self, crew: int, until: float) -> float | None:
        """The same for a pipeline, of which only hours of waiting are made short."""
        now = self.engine.clock.now
        if until - self.record.worked_at < LONG_REST or until - now > HEARTBEAT:
            return None
        first = self.engine.first_after(now + HEARTBEAT)
        wait = self.tries_open() >= crew or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def _until_quiet(self) -> Steps[None]:
        with contextlib.suppress(Quiet):
            yield self.engine.running()

    def _service(self) -> Callable[[Any], Any]:
        jobs = self.scenario.jobs
        needed = any(job.fails or job.error == "ExceptionGroup" for job in jobs)
        transient = transient_error(self.module) if needed else None
        made, self.tries_open = service(jobs, self.items, self.record, self.engine, transient)
        return made

    # -- reading off the loop -------------------------------------------------------------------

    def _waits(self) -> list[dict[str, Any]]:
        """Where each of the learner's tasks waits now."""
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
        """Give tasks that were made past the loop a number: they are the learner's as well."""
        for task in _all_tasks(self.loop):
            if type(task) is not LabTask:
                self.record.take_in(task)

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
        self.items.close()

    def _end(self) -> dict[str, Any]:
        """How it ended; what was seen in between counts, however it went on then."""
        if self.record.full:
            return {"how": "output"}
        if not self.engine.is_whole():
            return {"how": "tampered"}
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


def _has_failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _waiting(queue: Any) -> int:
    """How many wait for an item of this queue."""
    getters = getattr(queue, "__dict__", {}).get("_getters") or ()
    return sum(not getter.done() for getter in getters) if type(getters) is deque else 0


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
