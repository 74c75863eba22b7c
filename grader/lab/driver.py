"""Loads the learner's module once and runs any number of scenarios on it."""

from __future__ import annotations

import _imp
import asyncio
import contextlib
import gc
import importlib
import logging
import signal
import sys
import types
import warnings
from asyncio import events as asyncio_events
from asyncio import selector_events
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.machinery import ModuleSpec
from typing import Any, NoReturn, Self

from grader.lab import calendar, clock, prints, queues, randomness, recorder
from grader.lab.hidden import Steps, opaque, play
from grader.lab.items import Items
from grader.lab.loop import Engine, VirtualLoop
from grader.lab.patches import Patches
from grader.lab.playing import Run, abandon
from grader.lab.stacks import error_record
from grader.script import Script

__all__ = ["Lab"]

_PROGRAM = "__main__"
# A loop says at its beginning which selector it uses. Whoever logs looks for the caller, by its frames,
# and there these are ours: so it must not, where the learner's code logs all there is.
_SILENT = logging.Logger("asyncio")  # noqa: LOG001 - one that nobody configures
_SILENT.disabled = True

_POLICY = next(
    vars(asyncio_events)[name]
    for name in ("BaseDefaultEventLoopPolicy", "_BaseDefaultEventLoopPolicy")
    if name in vars(asyncio_events)
)


class Lab:
    """One submission in this process: loaded once, then run through any number of scenarios.

    While a lab is open, it patches the `time` module, the seeding of `random`, `asyncio.Queue` and the
    standard streams for the whole process: use it as a context manager, and run untrusted code in a
    process of its own.

    seed: the seed of all randomness in the process.
    on_full: called with "events", "output" or "blocked" when the run exceeds the limit on that; it must
        not return. Without it such a trace ends with `"how": "output"`.
    """

    def __init__(self, seed: str = "0", on_full: Callable[[str], None] | None = None) -> None:
        self.clock = clock.VirtualClock()
        self.module: types.ModuleType | None = None
        self.filename = "<submission>"
        self.recorder: recorder.Recorder | None = None
        self._on_full = None if on_full is None else opaque(on_full)
        self._names: dict[str, Any] = {}
        self._events = 0  # in all scenarios so far
        self._engine: Engine | None = None  # the newest
        self._loops: list[VirtualLoop] = []  # made by the learner's code, which may leave them open
        self._modules: list[tuple[str, types.ModuleType | None]] = []
        self._tap = queues.Tap()
        self._patches = Patches()
        clock.install(self._patches, self.clock, self._blocked, self._thread_slept)
        randomness.install(self._patches, seed, self._seeded)
        queues.install(self._patches, self._tap)
        self._streams = prints.install_prints(self._patches)
        self._patches.set(asyncio_events, "new_event_loop", self._new_loop)
        self._patches.set(asyncio, "new_event_loop", self._new_loop)
        self._patches.set(_POLICY, "new_event_loop", lambda _policy: self._new_loop())
        self._patches.set(asyncio, "as_completed", _as_completed)
        self._patches.set(asyncio.tasks, "as_completed", _as_completed)
        self._patches.set(selector_events, "logger", _SILENT)
        self._patches.set(warnings, "_warn_unawaited_coroutine", self._unawaited)
        self._patches.set(sys, "breakpointhook", opaque(self._no_debugger))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Restore the process's modules."""
        self._patches.undo()
        while self._loops:
            self._loops.pop().close()
        while self._modules:
            name, module = self._modules.pop()
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module

    def harden(self) -> None:
        """Refuse calls that would reach the lab or bypass its patches; no exercise needs them."""
        # A handler would receive the interrupted frame; no signals are sent in the sandbox anyway.
        for module in (signal, sys.modules["_signal"]):
            self._patches.set(module, "signal", _keep_handler)
        self._patches.set(gc, "set_debug", _refuse)  # it can keep discarded objects
        self._patches.set(importlib, "reload", _refuse)  # it would undo the lab's patches
        for module in (asyncio.tasks, sys.modules["_asyncio"]):
            self._patches.set(module, "_unregister_task", lambda _task: None)
        for name in ("create_builtin", "create_dynamic"):
            self._patches.set(_imp, name, _once(vars(_imp)[name]))

    # -- loading --------------------------------------------------------------------------------

    def load(self, code: str, filename: str, name: str) -> dict[str, Any]:
        """Import the submission from its source text.

        Returns `{"loaded": True}`, or `{"loaded": False, "how": "import" | "exit" | ..., ...}`
        with the error as plain data.
        """
        return play(self.loading(code, filename, name))

    def loading(self, code: str, filename: str, name: str) -> Steps[dict[str, Any]]:
        """As `load`, in steps."""
        self.filename = filename
        if "datetime" in code:  # slow to import, and seldom needed
            calendar.install(self._patches, lambda: clock.EPOCH + self.clock.now)
        module = types.ModuleType(name)
        module.__file__ = filename
        self._names = vars(module)
        self._modules.append((name, sys.modules.get(name)))
        sys.modules[name] = module  # `dataclasses` and `typing` look modules up by name
        self.recorder = self._new_recorder()
        if name == _PROGRAM:
            self._tap.begin(self.recorder, lambda _item: None)
        failed = yield from self._import(code, module)
        self._finish_streams()
        self.clock.reset()
        if self.recorder.full:
            failed = {"how": "output", "error": None}
        if failed is not None:
            return {"loaded": False, **failed}
        self.module = module
        return {"loaded": True}

    def run_program(self, code: str, filename: str) -> dict[str, Any]:
        """Run a module as a program in virtual time; returns its end, tasks and events.

        The service is the module's own, so its tries are not recorded; queue operations and printed
        lines are.
        """
        answer = self.load(code, filename, _PROGRAM)
        record = self.recorder
        assert record is not None, "loading begins a record"
        end = {"how": "returned"} if answer["loaded"] else {"how": "raised", **answer}
        return {"end": end, "tasks": list(record.tasks), "events": list(record.events)}

    def _import(self, code: str, module: types.ModuleType) -> Steps[dict[str, Any] | None]:
        filename = self.filename
        try:
            compiled = _compiled(code, filename)
            yield partial(exec, compiled, module.__dict__)
        except SyntaxError as error:
            return {"how": "import", "error": self._syntax(error, code)}
        except SystemExit as error:
            return {"how": "exit", "error": error_record(error, filename)}
        except MemoryError as error:
            return {"how": "memory", "error": error_record(error, filename)}
        except BaseException as error:
            return {"how": "import", "error": error_record(error, filename)}
        return None

    def _syntax(self, error: SyntaxError, code: str) -> dict[str, Any]:
        record = error_record(error, self.filename)
        if error.lineno and "outside async function" in error.msg:
            error = _not_async(code, error)
        ours = error.filename == self.filename and error.lineno
        record.update(
            text=error.msg or "",
            lines=[error.lineno] if ours else record["lines"],
            carets=_carets(error, code) if ours else [],
        )
        return record

    # -- running --------------------------------------------------------------------------------

    def run(self, script: Script) -> dict[str, Any]:
        """Play one script and return its trace (see `grader.trace` for the format)."""
        return play(self.running(script))

    def running(self, script: Script) -> Steps[dict[str, Any]]:
        """As `run`, in steps."""
        items = Items(script.items, remember=script.values)
        self.clock.reset()
        self.recorder = record = self._new_recorder(script.brief)
        self._engine = engine = Engine(self.clock, record)
        run = Run(engine, record, items, self.module, script)
        self._tap.begin(
            None if script.brief else record, items.index_of, run.told if script.values else None
        )
        try:
            yield from run.play()
        finally:
            self._finish_streams()
            self._tap.begin(None, lambda _item: None)
            trace = run.trace()
            run.forget()
            self._events += len(record.events)
            self.recorder = None
            yield from abandon(engine, self._new_recorder())
        return trace

    def _finish_streams(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(recorder.Full):  # noted in `recorder.full`
                stream.finish()

    def _new_recorder(self, brief: bool = False) -> recorder.Recorder:
        before = 0 if self._on_full is None else self._events
        fresh = recorder.Recorder(
            self.clock,
            self.filename,
            self._names,
            on_full=self._on_full,
            before=before,
            brief=brief,
        )
        for stream in self._streams:
            stream.begin(fresh)
        return fresh

    def _new_loop(self) -> VirtualLoop:
        """A loop for `asyncio.run` in the learner's module."""
        self._engine = Engine(self.clock, self.recorder or self._new_recorder())
        self._loops.append(self._engine.loop)
        return self._engine.loop

    # -- callbacks of the patched modules -------------------------------------------------------

    def _blocked(self, seconds: float) -> None:
        if self.recorder is not None:
            self.recorder.blocked(seconds)

    def _thread_slept(self, seconds: float) -> None:
        if self._engine is not None and not self._engine.loop.is_closed():
            self._engine.thread_sleeps(seconds)

    def _no_debugger(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise RuntimeError(
            "breakpoint() does not stop while the file is graded: to debug it, run the file itself"
        )

    def _seeded(self) -> None:
        if self.recorder is not None:
            self.recorder.seeds.append(self.recorder.line())

    def _unawaited(self, coroutine: Any) -> None:
        if self.recorder is not None:
            self.recorder.note_unawaited(coroutine)


def _compiled(code: str, filename: str) -> types.CodeType:
    try:
        return compile(code, filename, "exec", dont_inherit=True)
    except MemoryError:  # so the parser says that its stack is full, with memory left
        raise SyntaxError("the code is nested more deeply than Python reads") from None


def _carets(error: SyntaxError, code: str) -> list[list[int]]:
    """Where the error is, in the format of `error_record`: line, first and last column in bytes."""
    first, last = error.offset or 0, error.end_offset or 0
    if error.lineno is None or not 0 < first < last or error.end_lineno != error.lineno:
        return []
    text = code.split("\n")[error.lineno - 1 :][:1]
    return [[error.lineno, *(len(one[: n - 1].encode()) for one in text for n in (first, last))]]


def _not_async(code: str, error: SyntaxError) -> SyntaxError:
    """The same error, moved to the enclosing function that has to be `async def`, if there is one."""
    import ast

    line = error.lineno or 0
    around = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not around:
        return error
    function = max(around, key=lambda node: node.lineno)
    words = f"{error.msg} at line {line}: {function.name} has to be made by `async def`"
    return SyntaxError(words, (error.filename, function.lineno, None, None))


def _refuse(*_arguments: Any) -> NoReturn:
    raise PermissionError("not while this file is graded")


def _once(create: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `create` to refuse modules that are loaded already: a second copy would be unpatched."""
    known = frozenset(sys.modules)

    def create_new(spec: Any, *rest: Any) -> Any:
        if type(spec) is not ModuleSpec or spec.name in known or spec.name in _NEVER:
            raise ImportError("not while this file is graded")
        return create(spec, *rest)

    return create_new


# Modules that access raw memory, or run code in another interpreter.
_NEVER = frozenset(
    {"_ctypes", "_testcapi", "_testinternalcapi", "_xxsubinterpreters", "_interpreters"}
)


def _keep_handler(number: int, _handler: Any) -> Any:
    return signal.getsignal(number)


_any_order = asyncio.as_completed


def _as_completed(fs: Any, *, timeout: float | None = None) -> Any:
    """As asyncio's, but with tasks in place of coroutines: asyncio puts them into a set, unordered."""
    if asyncio._get_running_loop() is not None and not isinstance(fs, Awaitable):
        fs = [asyncio.ensure_future(one) for one in fs]
    return _any_order(fs, timeout=timeout)
