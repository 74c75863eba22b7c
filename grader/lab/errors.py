"""The exceptions that a service raises: Python's, the submission's own, or made up."""

from __future__ import annotations

import asyncio
import builtins
import errno
import types
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from grader.lab.contract import Unusable
from grader.lab.hidden import bare
from grader.script import HARD_STOP, Error, Own, Service

__all__ = ["Failures", "Make", "error_of"]

_BUSY, _LOST = "503 busy, try again", "the connection was lost"
_REFUSED = "the service refuses this item"
_Cancelled = asyncio.CancelledError

Make: TypeAlias = "Callable[[], BaseException]"
"""Makes an exception. Call it where no frame of the lab is on the stack: a class of the submission's may
look at the stack when it is called, as all that logs does."""


class Failures:
    """What makes the exceptions that a service raises: for failing tries, and for other errors.

    Raises `Unusable` if the module lacks an exception that the script needs.
    """

    def __init__(self, service: Service, module: types.ModuleType | None) -> None:
        self._module = module
        self._failing = service.failing
        self._kinds = {one.name: _own(module, one.name) for one in _needed(service)}
        failing = service.failing
        self._usual = self._kinds.get(failing.name) if isinstance(failing, Own) else None
        self._busier: type[BaseException] | None = None
        if self._usual is not None:
            self._busier = type("ServiceBusy", (self._usual,), {})
        self._worded = isinstance(failing, Own) and bool(failing.arguments or failing.options)

    def failure(self, place: int, number: int) -> Make:
        """What makes the exception of a failing try; an own class is subclassed on every third try.

        If the script sets no arguments for it, its message from the second try on is empty for items at
        odd places, and a fixed one for the others.
        """
        if self._usual is None:
            assert isinstance(self._failing, str), (
                "a service whose tries fail needs an error for it"
            )
            return partial(error_of, self._failing)
        kind = (self._busier or self._usual) if number % 3 == 0 else self._usual
        if self._worded:
            assert isinstance(self._failing, Own), "only a class of the module's own is given words"
            return _making(kind, self._failing, "")
        words = _BUSY if number == 1 else "" if place % 2 else _LOST
        return partial(_called, kind, (words,), {})

    def error(self, error: Error, cause: Make | None = None) -> Make:
        """What makes the exception that a try raises instead of returning, with the one of its cause."""
        return partial(_caused, self._error(error), cause)

    def _error(self, error: Error) -> Make:
        if error == "ExceptionGroup":  # a group of failures, but no transient failure itself
            if self._failing is None:
                made = [partial(error_of, "ValueError"), partial(error_of, "KeyError")]
                return partial(_grouped, _REFUSED, made)
            return partial(_grouped, _REFUSED, [self.failure(0, 1), self.failure(0, 2)])
        if not isinstance(error, Own):
            return partial(error_of, error)
        kind = self._kinds[error.name]
        if error.below:
            kind = type(f"Special{error.name}", (kind,), {})
        return _making(kind, error, _REFUSED)


def _needed(service: Service) -> list[Own]:
    """The submission's exceptions that this service may have to raise."""
    rules = service.rules
    errors = [plan.error for plan in service.plans] + [rule.error for rule in rules]
    fails = any(plan.fails for plan in service.plans) or bool(service.breaks)
    fails = fails or any(rule.fails or rule.lost for rule in rules) or "ExceptionGroup" in errors
    return [one for one in (*errors, service.failing if fails else None) if isinstance(one, Own)]


def _own(module: types.ModuleType | None, name: str) -> type[BaseException]:
    kind = getattr(module, name, None)
    if kind is None:
        raise Unusable("missing", name)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise Unusable("signature", f"{name} has to be an exception class")
    return kind


def _making(kind: type[BaseException], own: Own, words: str) -> Make:
    arguments = own.arguments if own.arguments or own.options else (words,)
    return partial(_called, kind, arguments, dict(own.options))


@bare
def _called(
    kind: type[BaseException], arguments: tuple[Any, ...], options: dict[str, Any]
) -> BaseException:
    try:
        return kind(*arguments, **options)
    except Exception:  # the learner's own __init__ may ask for something else
        return kind.__new__(kind)


@bare
def _caused(make: Make, cause: Make | None) -> BaseException:
    error = make()
    error.__cause__ = None if cause is None else cause()
    error.__suppress_context__ = True
    return error


@bare
def _grouped(words: str, made: list[Make]) -> BaseException:
    return BaseExceptionGroup(words, [make() for make in made])


def error_of(name: str) -> BaseException:
    """An exception of Python or asyncio by name, or of a new class if there is none.

    A leading "<" asks for a new subclass of it.
    """
    if name == "CancelledError":  # as if something that the service awaits was cancelled
        return _Cancelled()
    known = name.removeprefix("<")
    kind = getattr(builtins, known, None) or getattr(asyncio, known, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return _refusal(name)
    if known != name:
        kind = type(f"Special{known}", (kind,), {})
    error: BaseException = (
        OSError(errno.EHOSTUNREACH, _REFUSED) if kind is OSError else kind(_REFUSED)
    )
    return error


def _refusal(name: str) -> BaseException:
    """An exception of a new class, whose constructor takes an unusual argument.

    It has a status as the errors of many libraries have one, of a service that is busy.
    """

    @bare
    def init(self: Any, *, reason: str) -> None:
        BaseException.__init__(self, reason)

    init.__qualname__ = f"{name}.__init__"
    base = BaseException if name == HARD_STOP else Exception
    kind = type(name, (base,), {"__init__": init, "status": 503})
    error: BaseException = kind(reason=_REFUSED)
    return error
