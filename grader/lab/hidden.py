"""Keeps the lab's own objects out of the reach of the code that it runs.

The learner's code shares an interpreter with the lab, and is handed its functions, queues, tasks, timers
and streams. No attribute of these may lead to the clock or the record of what happened:

    opaque(function)    a callable written in C, of which no attribute leads to the function
    seal(class)         makes all methods of a class opaque
    hide(class, slot)   removes a slot's descriptor from its class: without it nobody can read the slot
    bare(function)      the same function, whose globals are Python's built-in names only
    play(steps)         runs the learner's code with no frame of the lab's beneath it

Memory can still be searched (`gc`, `ctypes`, frames): in the sandbox `grader.lab.notices` refuses that,
and everywhere the judge replays the record, which has to be possible as a whole (`grader.trace.replay`).
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
"""Work of the lab's that hands out what the learner's code is run by, and is sent what came of it."""

# The wrapper behind `functools.lru_cache`: with room for no result it only calls the function.
OPAQUE: Callable[..., Any] = functools._lru_cache_wrapper
BARE = "lab"  # the name of the module that bare functions seem to be of
_OF_THE_FUNCTION = ("__module__", "__name__", "__qualname__", "__doc__")


def opaque(function: Callable[..., Any], like: Any = None) -> Any:
    """A callable, or a method, that calls `function`, and of which no attribute leads there.

    like: a function whose name and docstring it is to have.
    """
    hidden = OPAQUE(function, 0, False, int)
    for name in _OF_THE_FUNCTION:
        setattr(hidden, name, getattr(like or function, name, None))
    return hidden


def seal(owner: _Class) -> _Class:
    """Make all functions in this class opaque; a decorator."""
    for name, value in list(vars(owner).items()):
        if type(value) is FunctionType:
            setattr(owner, name, opaque(value))
    return owner


def hide(owner: type, slot: str) -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    """Take the slot off the class; returns what gets and what sets it, for us alone."""
    descriptor = vars(owner)[slot]
    delattr(owner, slot)
    return descriptor.__get__, descriptor.__set__


def bare(function: Callable[..., Any]) -> Any:
    """The same function without our module's names; a decorator."""
    assert isinstance(function, FunctionType)
    # A copy, for a name among Python's own may be given another meaning for a moment.
    names = {"__builtins__": dict(vars(builtins)), "__name__": BARE}
    copy = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__doc__ = function.__doc__
    return copy


def play(steps: Steps[_Result]) -> _Result:
    """Run the steps to their end; returns what they return, raises what they raise."""
    results: list[_Result] = []
    detached(steps, results.append)()
    return results[0]


def detached(
    steps: Steps[_Result],
    ended: Callable[[_Result], object] = id,
    before: Callable[[], object] = int,
) -> Callable[[], None]:
    """What runs the steps to their end.

    ended: is given what they return. before: called before each of them.
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
    """Call what comes, out here, where no frame of a lab's function can be looked into."""
    value, error = None, None
    while (action := resume(value, error)) is not None:
        value, error = None, None
        try:
            value = action()
        except BaseException as raised:
            error = raised
