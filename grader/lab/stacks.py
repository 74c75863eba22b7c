"""Finds the learner's lines on the stack, in waiting tasks and in tracebacks."""

from __future__ import annotations

import asyncio
import gc
import io
import re
import sys
from collections.abc import Iterator
from itertools import islice
from types import (
    AsyncGeneratorType,
    CoroutineType,
    FrameType,
    GeneratorType,
    TracebackType,
)
from typing import Any

from grader.lab.hidden import OPAQUE
from grader.lab.plain import cut, name_of

__all__ = [
    "current_line",
    "error_lines",
    "error_on_its_way",
    "error_record",
    "is_running",
    "waiting_at",
]

_DEEPEST_TRACE = 1_000  # frames of a traceback
_DEEPEST = 60  # frames looked at; a deeper stack is a recursion
_DEEPEST_GROUP, _MOST_ERRORS = 4, 20  # nested exception groups, and errors in all of them together
_LONGEST_TEXT = 500  # characters of an exception's message
_MOST_CARETS = 3  # innermost lines of a traceback that get carets

# Only these types are asked what they wait for: the learner's objects may return anything.
_CHAIN: dict[type, tuple[str, str]] = {
    CoroutineType: ("cr_frame", "cr_await"),
    AsyncGeneratorType: ("ag_frame", "ag_await"),
    GeneratorType: ("gi_frame", "gi_yieldfrom"),
}
_STEPS = ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "FutureIter")
# Kept from before the learner's code runs, which may replace any of these for a while.
_Task, _getframe, _get_referents = asyncio.Task, sys._getframe, gc.get_referents
_display = sys.__excepthook__
_OPAQUE = f"{OPAQUE.__module__}.{OPAQUE.__qualname__}"  # the type name of opaque callables
_HERE = __file__.replace("\\", "/").rpartition("/")[0]
_LEAVING = asyncio.TaskGroup.__aexit__.__code__
_SUGGESTION = re.compile(r"\. (Did you (?:mean|forget)\b[^\n]{1,200}\?)\s*\Z")
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # an object's address, which differs in each run


# Line numbers, which Python computes anew from the function's start, by all that they depend on:
# the function's table of lines, its first line, and the position. `id` would raise an audit event.
_lines: dict[tuple[bytes, int, int], int | None] = {}
_MOST_LINES = 10_000


def current_line(filename: str, names: dict[str, Any]) -> int | None:
    """The innermost line of `filename` that is running now; `names` is its module's namespace."""
    frame: FrameType | None = _getframe(0).f_back  # 0: so that audit hooks see this module's frame
    for _ in range(_DEEPEST):
        if frame is None:
            return None
        # Compare the globals first: reading `f_code` raises an audit event, reading `f_globals` does not.
        if frame.f_globals is names and (code := frame.f_code).co_filename == filename:
            place = code.co_linetable, code.co_firstlineno, frame.f_lasti
            return _lines[place] if place in _lines else _line_of(frame, place)
        frame = frame.f_back
    return None


def is_running(filename: str) -> bool:
    """Whether any code of this file is running now, in whatever namespace."""
    frame: FrameType | None = _getframe(0)
    for _ in range(_DEEPEST):
        if frame is None or frame.f_code.co_filename == filename:
            break
        frame = frame.f_back
    return frame is not None


def _line_of(frame: FrameType, place: tuple[bytes, int, int]) -> int | None:
    if len(_lines) >= _MOST_LINES:
        _lines.clear()
    line: int | None = frame.f_lineno
    _lines[place] = line
    return line


def waiting_at(task: asyncio.Task[Any], filename: str) -> tuple[int | None, str]:
    """The learner's line at which `task` waits, and the name of the coroutine or task that it waits in.

    `Task.get_stack` ends at the outermost frame; this follows the chain of awaits to its end.
    """
    line: int | None = None
    inside = ""
    named = False  # `inside` is what the learner's innermost line awaits; ignore what that awaits
    awaited: Any = task.get_coro()
    for _ in range(_DEEPEST):
        names = _CHAIN.get(type(awaited))
        if names is None:
            # The steps of an async generator, and what `__await__` returns, have no attribute that
            # leads to the object behind them, but they do refer to it.
            awaited = _behind(awaited)
            names = _CHAIN.get(type(awaited))
        if names is None:
            break
        frame = getattr(awaited, names[0])
        if frame is not None:
            ours = frame.f_code.co_filename == filename
            if ours or not named:
                inside = cut(awaited.__qualname__)
                named = not ours
            if ours:
                line = frame.f_lineno
        awaited = getattr(awaited, names[1])
    if isinstance(awaited, _Task) and not named:
        inside = f"task {cut(awaited.get_name())}"
    return line, inside


def error_on_its_way(task: asyncio.Task[Any]) -> BaseException | None:
    """The error that a task will raise once the task group that it is leaving has ended, or None."""
    awaited: Any = task.get_coro()
    for _ in range(_DEEPEST):
        names = _CHAIN.get(type(awaited))
        frame = getattr(awaited, names[0]) if names is not None else None
        if names is None or frame is None:
            break
        if frame.f_code is _LEAVING:
            error = frame.f_locals.get("exc")
            return error if isinstance(error, BaseException) else None
        awaited = getattr(awaited, names[1])
    return None


def _behind(step: Any) -> Any:
    """The coroutine, generator or task that `step` advances, or `step` itself."""
    if name_of(type(step)) not in _STEPS:
        return step
    behind = _get_referents(step)
    return next((o for o in behind if type(o) in _CHAIN or isinstance(o, _Task)), step)


def _steps(trace: TracebackType | None) -> Iterator[TracebackType]:
    """The steps of a traceback, outermost first, up to `_DEEPEST_TRACE`."""
    for _ in range(_DEEPEST_TRACE):
        if trace is None:
            return
        yield trace
        trace = trace.tb_next


def error_lines(trace: TracebackType | None, filename: str) -> list[int]:
    """The learner's lines of a traceback, outermost first."""
    return [one.tb_lineno for one in _steps(trace) if one.tb_frame.f_code.co_filename == filename]


def _carets(trace: TracebackType | None, filename: str) -> list[list[int]]:
    """Where the error arose in the learner's innermost lines: `[line, first column, last column]` each.

    Columns count bytes from 0, the last is exclusive (PEP 657). Expressions of several lines are left
    out.
    """
    steps = [one for one in _steps(trace) if one.tb_frame.f_code.co_filename == filename]
    carets = []
    for one in steps[-_MOST_CARETS:]:
        positions = islice(one.tb_frame.f_code.co_positions(), one.tb_lasti // 2, None)
        line, last, begin, end = next(positions, [None] * 4)
        if line is not None and line == last and begin is not None and end is not None:
            carets.append([line, begin, end])
    return carets


def _suggestion(error: BaseException) -> str:
    """Python's suggestion, such as "Did you mean: 'qsize'?": it is made only when an error is shown."""
    if not isinstance(error, NameError | AttributeError | ImportError):
        return ""
    shown, errors = io.StringIO(), sys.stderr
    sys.stderr = shown
    sys.tracebacklimit = 0  # the error alone, without reading any source file
    try:
        _display(type(error), error, error.__traceback__)
    finally:
        sys.stderr = errors
        del sys.tracebacklimit
    found = _SUGGESTION.search(shown.getvalue()[-_LONGEST_TEXT:])
    return f". {found[1]}" if found else ""


def error_record(error: BaseException, filename: str) -> dict[str, Any]:
    """An exception as plain data: its type's name, its bases, its message, the learner's lines.

    If none of the learner's lines is involved and the lab raised it, `lab` names the place.
    """
    record = _record(error, filename, _DEEPEST_GROUP, [_MOST_ERRORS])
    if not record["lines"] and (place := _place_in_lab(error.__traceback__)):
        record["lab"] = place
    return record


def _place_in_lab(trace: TracebackType | None) -> str:
    """The lab's file and line that raised an error; "" if other code raised it."""
    place = ""
    for one in _steps(trace):
        folder, _, name = one.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")
        place = f"{name}:{one.tb_lineno}" if folder == _HERE else ""
    return place


def _record(error: BaseException, filename: str, depth: int, left: list[int]) -> dict[str, Any]:
    """As `error_record`; `left` holds how many more errors are allowed, over all groups."""
    left[0] -= 1
    record: dict[str, Any] = {
        "type": name_of(type(error)),
        "bases": [name_of(base) for base in type(error).__mro__[1:-2][:10]],
        "text": _words(error),
        "lines": error_lines(error.__traceback__, filename)[:20],
        "carets": _carets(error.__traceback__, filename),
    }
    if depth and isinstance(error, BaseExceptionGroup):
        inner = BaseExceptionGroup.exceptions.__get__(error)[:8]
        record["inner"] = [_record(e, filename, depth - 1, left) for e in inner if left[0] > 0]
    return record


def _words(error: BaseException) -> str:
    try:
        # A plain str, even if `__str__` returns a subclass.
        text = str.__getitem__(str(error), slice(_LONGEST_TEXT)) + _suggestion(error)
        return _ADDRESS.sub("", text).replace(_OPAQUE, "function")
    except Exception:  # the learner's `__str__` may fail
        return ""
