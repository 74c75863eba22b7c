"""Runs scenarios on the learner's module, and answers with traces."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
import types
import warnings
from asyncio import events as asyncio_events
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Self

from grader.lab import clock, queues, randomness, recorder
from grader.lab.loop import Livelock, Quiet, TimeLimit, VirtualLoop
from grader.lab.patches import Patches
from grader.lab.plain import plain
from grader.lab.service import Items, Service, source
from grader.lab.stacks import error_record, waiting_at
from grader.scenario import Consume, Pipeline, Scenario

__all__ = ["FORMAT", "Lab"]

FORMAT = 1
STATS = ("consumed", "retried", "failed")

_PARAMETERS = {
    ("run_pipeline", False): ("items", "work"),
    ("run_pipeline", True): ("items", "process_item"),
    ("consumer", True): ("name", "q", "process_item", "stats"),
}

# What the lab needs later is taken now: the learner's module may change any of it.
_signature, _isawaitable = inspect.signature, inspect.isawaitable
_isasyncgen, _Queue = inspect.isasyncgen, asyncio.Queue

_POLICY = next(
    vars(asyncio_events)[name]
    for name in ("BaseDefaultEventLoopPolicy", "_BaseDefaultEventLoopPolicy")
    if name in vars(asyncio_events)
)


class _Unusable(Exception):
    """The function is not there, does not take the call, or gives nothing to await."""

    def __init__(self, how: str, detail: str) -> None:
        super().__init__(detail)
        self.how = how


class Lab:
    """One submission in this process: loaded once, then run through any number of scenarios.

    While a lab is open, the `time` module, `random`'s seeding, `asyncio.Queue` and the standard
    streams of the whole process are the lab's: use it as a context manager, in a process of its own
    for code that is not trusted.

    seed: what all randomness of the process comes from.
    on_full: called with "events" or "output" when a trace grows beyond all bounds; it must not
        return. Without it such a trace ends with `"how": "output"`.
    """

    def __init__(self, seed: str = "0", on_full: Callable[[str], None] | None = None) -> None:
        self.clock = clock.VirtualClock()
        self.module: types.ModuleType | None = None
        self.filename = "<submission>"
        self.recorder: recorder.Recorder | None = None
        self._on_full = on_full
        self._loop: VirtualLoop | None = None  # the newest
        self._loops: list[VirtualLoop] = []  # the learner's own, in case they are left open
        self._modules: list[tuple[str, types.ModuleType | None]] = []
        self._tap = queues.Tap()
        self._patches = Patches()
        clock.install(self._patches, self.clock, self._blocked, self._thread_slept)
        randomness.install(self._patches, seed, self._seeded)
        queues.install(self._patches, self._tap)
        self._streams = recorder.install_prints(self._patches)
        self._patches.set(asyncio_events, "new_event_loop", self._new_loop)
        self._patches.set(asyncio, "new_event_loop", self._new_loop)
        self._patches.set(_POLICY, "new_event_loop", lambda _policy: self._new_loop())
        self._patches.set(asyncio, "as_completed", _as_completed)
        self._patches.set(asyncio.tasks, "as_completed", _as_completed)
        self._patches.set(warnings, "_warn_unawaited_coroutine", self._unawaited)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the process its own modules back."""
        self._patches.undo()
        while self._loops:
            self._loops.pop().close()
        while self._modules:
            name, module = self._modules.pop()
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module

    # -- loading --------------------------------------------------------------------------------

    def load(self, code: str, filename: str, name: str) -> dict[str, Any]:
        """Import the submission from its source text.

        Returns `{"loaded": True}`, or `{"loaded": False, "how": "import" | "exit" | ..., ...}`
        with the error as plain data.
        """
        self.filename = filename
        module = types.ModuleType(name)
        module.__file__ = filename
        self._modules.append((name, sys.modules.get(name)))
        sys.modules[name] = module  # `dataclasses` and `typing` look modules up by name
        self.recorder = self._new_recorder()
        failed = self._import(code, module)
        self._finish_streams()
        self.clock.reset()
        if self.recorder.full:
            failed = {"how": "output", "error": None}
        if failed is not None:
            return {"loaded": False, **failed}
        self.module = module
        return {"loaded": True}

    def _import(self, code: str, module: types.ModuleType) -> dict[str, Any] | None:
        filename = self.filename
        try:
            exec(compile(code, filename, "exec", dont_inherit=True), module.__dict__)
        except SyntaxError as error:
            return {"how": "import", "error": self._syntax(error)}
        except SystemExit as error:
            return {"how": "exit", "error": error_record(error, filename)}
        except MemoryError as error:
            return {"how": "memory", "error": error_record(error, filename)}
        except BaseException as error:
            return {"how": "import", "error": error_record(error, filename)}
        return None

    def _syntax(self, error: SyntaxError) -> dict[str, Any]:
        record = error_record(error, self.filename)
        ours = error.filename == self.filename and error.lineno
        record.update(
            text=error.msg or "",
            lines=[error.lineno] if ours else record["lines"],
            column=error.offset,
        )
        return record

    # -- running --------------------------------------------------------------------------------

    def run(self, scenario: Scenario) -> dict[str, Any]:
        """Run one scenario and return its trace (see `grader.trace` for the format)."""
        items = Items(scenario.jobs)
        self.clock.reset()
        self.recorder = record = self._new_recorder()
        self._loop = loop = VirtualLoop(self.clock, record)
        self._tap.begin(record, items.index_of)
        run = _Run(loop, record, items, self.module, scenario)
        try:
            run.play()
        finally:
            self._finish_streams()
            self._tap.begin(None, lambda _item: None)
            trace = run.trace()
            run.forget()
            self.recorder = None
            _abandon(loop, self._new_recorder())
        return trace

    def _finish_streams(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(recorder.Full):  # which the record remembers
                stream.finish()

    def _new_recorder(self) -> recorder.Recorder:
        fresh = recorder.Recorder(self.clock, self.filename, self._on_full)
        for stream in self._streams:
            stream.recorder = fresh
        return fresh

    def _new_loop(self) -> VirtualLoop:
        """For `asyncio.run` within the learner's own module."""
        self._loop = VirtualLoop(self.clock, self.recorder or self._new_recorder())
        self._loops.append(self._loop)
        return self._loop

    # -- what is noted from everywhere ----------------------------------------------------------

    def _blocked(self, seconds: float) -> None:
        if self.recorder is not None:
            self.recorder.blocked(seconds)

    def _thread_slept(self, seconds: float) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.thread_sleeps(seconds)

    def _seeded(self) -> None:
        if self.recorder is not None:
            self.recorder.seeds.append(self.recorder.line())

    def _unawaited(self, coroutine: Any) -> None:
        if self.recorder is None:
            return
        origin = getattr(coroutine, "cr_origin", None) or ()
        line = next((n for file, n, _ in origin if file == self.filename), None)
        self.recorder.unawaited.append([coroutine.__qualname__, line])


_any_order = asyncio.as_completed


def _as_completed(fs: Any, *, timeout: float | None = None) -> Any:
    """As asyncio's, which puts coroutines into a set: as tasks they keep their order there."""
    if asyncio._get_running_loop() is not None and not isinstance(fs, Awaitable):
        fs = [asyncio.ensure_future(one) for one in fs]
    return _any_order(fs, timeout=timeout)


def _abandon(loop: VirtualLoop, nowhere: recorder.Recorder) -> None:
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


class _Run:
    """One scenario on its loop."""

    def __init__(
        self,
        loop: VirtualLoop,
        record: recorder.Recorder,
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
        except _Unusable as error:
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
        call = partial(self._bound("run_pipeline", values, scenario.options), *values)
        self.main = self.loop.create_task(self._await(call, "run_pipeline"), name="run_pipeline")
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
        if isinstance(error, _Unusable):
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
        function = self._bound("consumer", ("", *rest), scenario.options)
        calls = [partial(function, name, *rest) for name in scenario.names]
        self.consumers = [None] * len(calls)

        self._feed(scenario, queue)
        for number in range(len(calls)):
            start = scenario.starts[number] if scenario.starts else 0.0
            self._at(start, self._begin, number, scenario.names[number], calls[number])
        last_put = max((job.at for job in scenario.jobs), default=0.0)
        loop.call_at(last_put, lambda: record.disown(loop.create_task(queue.join(), name="join")))
        if scenario.cancel is not None:
            loop.call_at(scenario.cancel, self._cancel_consumers)
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
        made = self._await(call, "consumer")
        self.consumers[number] = self.loop.create_task(made, name=name)

    def _raise_unusable(self) -> None:
        """Raise what says that the consumers could not be judged at all."""
        for task in self.consumers:
            if task is not None and task.done() and not task.cancelled():
                error = task.exception()
                if isinstance(error, _Unusable | MemoryError):
                    raise error

    def _cancel_consumers(self) -> None:
        self.record.add("cancel")
        for task in self.consumers:
            if task is not None:
                task.cancel()

    def _until_quiet(self) -> None:
        try:
            self.loop.run()
        except Quiet:
            return

    # -- calling the learner's functions --------------------------------------------------------

    def _service(self) -> Service:
        if not any(job.fails for job in self.scenario.jobs):
            return Service(self.scenario.jobs, self.items, self.record, None)
        transient = getattr(self.module, "TransientError", None)
        if transient is None:
            raise _Unusable("missing", "TransientError")
        if not (isinstance(transient, type) and issubclass(transient, Exception)):
            raise _Unusable("signature", "TransientError has to be an exception class")
        return Service(self.scenario.jobs, self.items, self.record, transient)

    def _bound(self, name: str, values: tuple[Any, ...], options: Any) -> Callable[..., Any]:
        """The function with its options, to be called with values like these.

        They are handed on as written in the contract, or else each by its name.
        """
        function = getattr(self.module, name, None)
        if function is None:
            raise _Unusable("missing", name)
        if not callable(function):
            raise _Unusable("signature", f"{name} is not a function but {_kind(function)}")
        names = _PARAMETERS[name, "attempts" in options or name == "consumer"]
        try:
            signature = _signature(function)
        except (ValueError, TypeError):
            return partial(function, **options)
        try:
            signature.bind(*values, **options)
        except TypeError as error:
            try:
                signature.bind(**dict(zip(names, values, strict=True)), **options)
            except TypeError:
                raise _Unusable("signature", f"{name}(): {error}") from None
            return lambda *values: function(**dict(zip(names, values, strict=True)), **options)
        return partial(function, **options)

    async def _await(self, call: Callable[[], Any], name: str) -> Any:
        made = call()
        if not _isawaitable(made):
            if _isasyncgen(made):
                detail = f"{name}() is an async generator, because of its yield"
            else:
                detail = f"{name}() gives {_kind(made)}, nothing to await"
            raise _Unusable("signature", detail)
        return await made

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
            "stats": self.idle_stats,
            "last_stats": self.last_stats,
            "result": self.result,
            "deterministic": record.deterministic,
        }


def _kind(value: Any) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"
