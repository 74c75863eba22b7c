"""Lines to blame: where the learner's code is, on the stack or in a waiting task."""

from __future__ import annotations

import asyncio
import sys
import traceback
from types import FrameType, TracebackType
from typing import Any

__all__ = ["current_line", "error_lines", "error_record", "waiting_at"]

_DEEPEST = 60  # frames looked at; a stack deeper than this is a recursion


def current_line(filename: str) -> int | None:
    """The innermost line of `filename` that is running now."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_DEEPEST):
        if frame is None:
            return None
        if frame.f_code.co_filename == filename:
            return frame.f_lineno
        frame = frame.f_back
    return None


def waiting_at(task: asyncio.Task[Any], filename: str) -> tuple[int | None, str]:
    """The learner's line at which `task` waits, and the name of what it waits in.

    `Task.get_stack` ends at the outermost frame; this follows the chain of awaits to its end.
    """
    line: int | None = None
    inside = ""
    named = False  # what the learner's innermost line awaits, not what that awaits in turn
    awaited: Any = task.get_coro()
    for _ in range(_DEEPEST):
        frame = (
            getattr(awaited, "cr_frame", None)
            or getattr(awaited, "ag_frame", None)
            or getattr(awaited, "gi_frame", None)
        )
        if frame is not None:
            ours = frame.f_code.co_filename == filename
            if ours or not named:
                inside = awaited.__qualname__
                named = not ours
            if ours:
                line = frame.f_lineno
        following = (
            getattr(awaited, "cr_await", None)
            or getattr(awaited, "ag_await", None)
            or getattr(awaited, "gi_yieldfrom", None)
        )
        if following is None:
            break
        if type(following).__name__ in ("async_generator_asend", "async_generator_athrow"):
            # These do not show their generator; the object that refers to it does.
            following = _generator_of(following) or following
        awaited = following
    if isinstance(awaited, asyncio.Task):
        inside = f"task {awaited.get_name()}"
    return line, inside


def _generator_of(step: Any) -> Any:
    import gc

    return next((o for o in gc.get_referents(step) if hasattr(o, "ag_frame")), None)


def error_lines(trace: TracebackType | None, filename: str) -> list[int]:
    """The learner's lines of a traceback, outermost first."""
    return [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == filename]


def error_record(error: BaseException, filename: str) -> dict[str, Any]:
    """An exception as plain data: its type's name, its bases, its words, the learner's lines."""
    record: dict[str, Any] = {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__[1:-2]],
        "text": _words(error),
        "lines": error_lines(error.__traceback__, filename)[:20],
    }
    if isinstance(error, BaseExceptionGroup):
        record["inner"] = [error_record(inner, filename) for inner in error.exceptions[:8]]
    return record


def _words(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except Exception:  # a learner's own __str__ may fail
        return ""
