"""Reads exceptions in a trace: their text, their line, and the mistake that they reveal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.course.kit.failures import Misconception, lines
from grader.course.mistakes.bound import PUT_NOWAIT_ON_FULL_QUEUE
from grader.course.mistakes.crew import GET_NOWAIT_ON_EMPTY_QUEUE, STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.errors import DEBUGGER_LEFT_IN, RAISES_AN_ERROR_OF_ITS_OWN
from grader.course.mistakes.growth import FORMULA_BREAKS_DOWN
from grader.course.mistakes.items import (
    NEEDS_ASYNC_ITERABLE,
    NEEDS_ITERATOR,
    NEEDS_LEN,
    NEEDS_LIST,
    NEXT_FINDS_NOTHING,
    UNHASHABLE_ITEM,
    WRONG_QUEUE_KIND,
)
from grader.course.mistakes.loop import COROUTINE_REUSED
from grader.course.mistakes.marks import TASK_DONE_TWICE

__all__ = ["caret", "describe_error", "holds_error", "last_line", "recognise_error"]


def describe_error(error: Mapping[str, Any]) -> str:
    """`ValueError: message`, with its last line in the learner's file."""
    text = f"{error['type']}: {error['text']}" if error.get("text") else str(error["type"])
    inner = error.get("inner") or ()
    if inner:
        text += " [" + "; ".join(describe_error(one) for one in inner) + "]"
    return text + lines(list(error.get("lines", ()))[-1:])


def holds_error(error: Any, kind: str) -> bool:
    """Whether the error, or one in its group, is of that type, or what Python makes of it on the way.

    Where a `StopAsyncIteration` leaves an async generator, a RuntimeError leaves it instead (PEP 525).
    """
    inner = error.get("inner") or ()
    if error["type"] == kind or any(holds_error(one, kind) for one in inner):
        return True
    turned = "async generator raised StopAsyncIteration"
    return kind == "StopAsyncIteration" and (error["type"], error["text"]) == (
        "RuntimeError",
        turned,
    )


def last_line(error: Mapping[str, Any]) -> int | None:
    """The last line of the learner's file in its traceback."""
    own: list[int] = list(error.get("lines") or ())
    return own[-1] if own else None


def caret(error: Mapping[str, Any], line: int | None) -> tuple[int, int] | None:
    """The columns in a line of the learner's file where the error, or one in its group, arose.

    In bytes; the first counts from 0, the last is exclusive. None if unknown.
    """
    for inner in error.get("inner") or ():
        found = caret(inner, line)
        if found is not None:
            return found
    for place in reversed(error.get("carets") or ()):
        if type(place) is list and [*map(type, place)] == [int] * 3 and place[0] == line:
            begin, end = place[1:]
            return (begin, end) if 0 <= begin < end else None
    return None


def recognise_error(error: Mapping[str, Any]) -> Misconception | None:
    """The mistake that one of Python's own exceptions reveals, or None."""
    kind, text = error["type"], error.get("text", "")
    for inner in error.get("inner") or ():
        found = recognise_error(inner)
        if found is not None:
            return found
    line = last_line(error)
    for mistake, type_name, part, message, asks in _TELLTALES:
        if kind == type_name and part in text:
            # A debugger stops at the line after the breakpoint() call.
            where = lines([line]) if kind != "BdbQuit" else ""
            return mistake(f"{message}{where}.", asks, why="error", line=line)
    return None


_NO_DEBUGGER = "breakpoint() called for a debugger, and while a file is graded there is none"
_RUN_IT_YOURSELF = "To look into it, run the file itself; without the call it can be graded."
_TELLTALES = (
    (
        DEBUGGER_LEFT_IN,
        "BdbQuit",
        "",
        _NO_DEBUGGER,
        _RUN_IT_YOURSELF,
    ),
    (
        DEBUGGER_LEFT_IN,
        "RuntimeError",
        "breakpoint() does not stop",
        _NO_DEBUGGER,
        _RUN_IT_YOURSELF,
    ),
    (
        DEBUGGER_LEFT_IN,
        "PermissionError",
        "it traced what is executed",
        "A debugger was called, and while a file is graded there is none",
        _RUN_IT_YOURSELF,
    ),
    (
        RAISES_AN_ERROR_OF_ITS_OWN,
        "EOFError",
        "reading a line",
        "input() waits for somebody at the keyboard, and while a file is graded nobody is there",
        "The exercise asks nobody for anything.",
    ),
    (
        RAISES_AN_ERROR_OF_ITS_OWN,
        "TypeError",
        "object method can't be used in 'await'",
        "A method is awaited that was not called: its parentheses are missing",
        "`await` waits for what a call gives: `await q.get()`, not `await q.get`.",
    ),
    (
        RAISES_AN_ERROR_OF_ITS_OWN,
        "TypeError",
        "'method' object can't be awaited",
        "A method is awaited that was not called: its parentheses are missing",
        "`await` waits for what a call gives: `await q.get()`, not `await q.get`.",
    ),
    (
        RAISES_AN_ERROR_OF_ITS_OWN,
        "TypeError",
        "object function can't be used in 'await'",
        "A function is awaited that was not called: its parentheses are missing",
        "`await` waits for what a call gives: `await asyncio.sleep(1)`, not `await asyncio.sleep`.",
    ),
    (
        RAISES_AN_ERROR_OF_ITS_OWN,
        "TypeError",
        "'function' object can't be awaited",
        "A function is awaited that was not called: its parentheses are missing",
        "`await` waits for what a call gives: `await asyncio.sleep(1)`, not `await asyncio.sleep`.",
    ),
    (
        UNHASHABLE_ITEM,
        "TypeError",
        "unhashable type",
        "An item was put into a set or used as the key of a dict, and it has no hash",
        "An item may be anything, a list or a dict too: a consumer holds it in a variable.",
    ),
    (
        NEXT_FINDS_NOTHING,
        "RuntimeError",
        "coroutine raised StopIteration",
        "next() was asked of something that had nothing left",
        "Items may be few or none, and retries as many as attempts allow: next() raises at the end.",
    ),
    (
        FORMULA_BREAKS_DOWN,
        "ZeroDivisionError",
        "",
        "A formula divides by zero for these settings",
        "It has an answer for every setting that may be asked for, 0 and 1 too.",
    ),
    (
        FORMULA_BREAKS_DOWN,
        "ValueError",
        "math domain error",
        "A formula has no answer for these settings",
        "It has one for every setting that may be asked for, 0 and 1 too.",
    ),
    (
        FORMULA_BREAKS_DOWN,
        "ValueError",
        "empty range",
        "The random part was drawn by a call that has no answer for these settings",
        "u is drawn from 0 to d * jitter, for every jitter: for 0 it is 0.",
    ),
    (
        FORMULA_BREAKS_DOWN,
        "ValueError",
        "expected a positive input",
        "A formula has no answer for these settings",
        "It has one for every setting that may be asked for, 0 and 1 too.",
    ),
    (
        NEEDS_LEN,
        "TypeError",
        "has no len()",
        "len() was asked of the items, and they have no length",
        "`items` is any iterable, possibly a generator that must not be read ahead.",
    ),
    (
        NEEDS_LIST,
        "TypeError",
        "is not subscriptable",
        "The items were indexed or sliced, and they are no list",
        "`items` is any iterable, possibly a generator that must not be read ahead.",
    ),
    (
        NEEDS_ITERATOR,
        "TypeError",
        "is not an iterator",
        "next() was asked of the items, which are an iterable, not an iterator",
        "`items` is any iterable: a for loop, or iter(items) first.",
    ),
    (
        NEEDS_ASYNC_ITERABLE,
        "TypeError",
        "'async for' requires",
        "`async for` was asked of the items, which are an ordinary iterable",
        "`items` is any iterable: an ordinary for loop takes one after the other.",
    ),
    (
        PUT_NOWAIT_ON_FULL_QUEUE,
        "QueueFull",
        "",
        "put_nowait() found the queue full, and raised QueueFull",
        "When the queue is full the producer waits: `await q.put(item)` does, put_nowait() never.",
    ),
    (
        GET_NOWAIT_ON_EMPTY_QUEUE,
        "QueueEmpty",
        "",
        "get_nowait() found the queue empty, and raised QueueEmpty",
        "When the queue is empty a consumer waits: `await q.get()` does, get_nowait() never.",
    ),
    (
        STATE_SHARED_BETWEEN_RUNS,
        "RuntimeError",
        "is bound to a different event loop",
        "Something that an earlier run had made was used again, in another event loop",
        "Every run makes its own queues, locks and events: inside of a function, not at import.",
    ),
    (
        WRONG_QUEUE_KIND,
        "TypeError",
        "'<' not supported between instances",
        "The items were compared with <, as a PriorityQueue or sorted() does",
        "Items are worked on in the order in which they come, and need not be comparable.",
    ),
    (
        COROUTINE_REUSED,
        "RuntimeError",
        "cannot reuse already awaited coroutine",
        "The same coroutine was awaited twice",
        "A coroutine runs only once: call process_item(item) anew for each try.",
    ),
    (
        TASK_DONE_TWICE,
        "ValueError",
        "task_done() called too many times",
        "task_done() was called more often than items were taken",
        "task_done() once per item, after it is settled.",
    ),
)
