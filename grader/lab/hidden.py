"""Keeps the lab's own objects out of reach of the code that it runs.

The learner's code shares an interpreter with the lab, and receives its functions, queues, tasks, timers
and streams. No attribute of these may lead to the clock or to the record of events:

    opaque(function)    a callable written in C, with no attribute that leads to the function
    seal(class)         makes all methods of a class opaque
    hide(class, slot)   removes a slot's descriptor from its class, so that nobody can read the slot
    bare(function)      a copy of the function whose only globals are Python's built-in names
    play(steps)         runs the learner's code with no lab frame below it on the stack

Memory can still be searched (`gc`, `ctypes`, frames): in the sandbox `grader.lab.notices` refuses that.
In every case the judge replays the record and checks that it is consistent (`grader.trace.replay`).
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable, Generator
from types import FunctionType
from typing import Any, TypeVar

__all__ = ["BARE", "OPAQUE", "Steps", "bare", "detached", "hide", "opaque", "play", "seal"]

_Class = TypeVar("_Class", bound=type)
_Result = TypeVar("_Result")

Steps = Generator[Callable[[], Any], Any, _Result]
"""A generator of the lab's: it yields calls into the learner's code and is sent their results."""

# The C wrapper behind `functools.lru_cache`: with a cache of size 0 it only calls the function.
OPAQUE: Callable[..., Any] = functools._lru_cache_wrapper
BARE = "lab"  # the module name that bare functions show
_OF_THE_FUNCTION = ("__module__", "__name__", "__qualname__", "__doc__")


def opaque(function: Callable[..., Any], like: Any = None) -> Any:
    """A callable that calls `function` but has no attribute that leads to it; works as a method too.

    like: a function whose name and docstring to copy.
    """
    hidden = OPAQUE(function, 0, False, int)
    for name in _OF_THE_FUNCTION:
        setattr(hidden, name, getattr(like or function, name, None))
    return hidden


def seal(owner: _Class) -> _Class:
    """Make all functions of this class opaque; a decorator."""
    for name, value in list(vars(owner).items()):
        if type(value) is FunctionType:
            setattr(owner, name, opaque(value))
    return owner


def hide(owner: type, slot: str) -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    """Remove the slot's descriptor from the class; returns its getter and setter, for the lab only."""
    descriptor = vars(owner)[slot]
    delattr(owner, slot)
    return descriptor.__get__, descriptor.__set__


def bare(function: Callable[..., Any]) -> Any:
    """The same function without its module's globals; a decorator."""
    assert isinstance(function, FunctionType)
    # A copy, because the learner's code may replace a built-in name for a while.
    names = {"__builtins__": dict(vars(builtins)), "__name__": BARE}
    copy = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__doc__ = function.__doc__
    return copy


def play(steps: Steps[_Result]) -> _Result:
    """Run the steps to their end; returns what they return and raises what they raise."""
    results: list[_Result] = []
    detached(steps, results.append)()
    return results[0]


def detached(
    steps: Steps[_Result],
    ended: Callable[[_Result], object] = id,
    before: Callable[[], object] = int,
) -> Callable[[], None]:
    """A function that runs the steps to their end.

    ended: called with what they return.
    before: called before each step.
    """

    def resume(value: Any, error: BaseException | None) -> Callable[[], Any] | None:
        try:
            before()
            return steps.send(value) if error is None else steps.throw(error)
        except StopIteration as end:
            ended(end.value)
            return None

    return functools.partial(_run, opaque(resume))


@bare
def _run(resume: Callable[[Any, BaseException | None], Callable[[], Any] | None]) -> None:
    """Make the calls that `resume` returns, out here, where no lab frame is on the stack."""
    value, error = None, None
    while (action := resume(value, error)) is not None:
        value, error = None, None
        try:
            value = action()
        except BaseException as raised:
            error = raised
