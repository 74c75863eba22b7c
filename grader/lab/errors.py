"""The exceptions that a service raises: Python's, the submission's own, or made up."""

from __future__ import annotations

import asyncio
import builtins
import errno
import types
from typing import Any

from grader.lab.contract import Unusable
from grader.lab.hidden import bare
from grader.script import HARD_STOP, Error, Own, Service

__all__ = ["Failures", "error_of"]

_BUSY, _LOST = "503 busy, try again", "the connection was lost"
_REFUSED = "the service refuses this item"
_Cancelled = asyncio.CancelledError


class Failures:
    """Makes the exceptions that a service raises: for failing tries, and for other scripted errors.

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

    def failure(self, place: int, number: int) -> BaseException:
        """The exception of a failing try; an own exception class is subclassed on every third try.

        If the script sets no arguments for it, its message from the second try on is empty for items at
        odd places, and a fixed one for the others.
        """
        if self._usual is None:
            assert isinstance(self._failing, str), (
                "a service whose tries fail needs an error for it"
            )
            return error_of(self._failing)
        kind = (self._busier or self._usual) if number % 3 == 0 else self._usual
        if self._worded:
            assert isinstance(self._failing, Own), "only a class of the module's own is given words"
            return _called(kind, self._failing, "")
        try:
            return kind(_BUSY if number == 1 else "" if place % 2 else _LOST)
        except Exception:  # the learner's own __init__ may ask for something else
            return kind.__new__(kind)

    def error(self, error: Error) -> BaseException:
        """The exception that a try raises instead of returning."""
        if error == "ExceptionGroup":  # a group of failures, but no transient failure itself
            if self._failing is None:
                return BaseExceptionGroup(_REFUSED, [error_of("ValueError"), error_of("KeyError")])
            return BaseExceptionGroup(_REFUSED, [self.failure(0, 1), self.failure(0, 2)])
        if not isinstance(error, Own):
            return error_of(error)
        kind = self._kinds[error.name]
        if error.below:
            kind = type(f"Special{error.name}", (kind,), {})
        return _called(kind, error, _REFUSED)


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


def _called(kind: type[BaseException], own: Own, words: str) -> BaseException:
    arguments = own.arguments if own.arguments or own.options else (words,)
    try:
        return kind(*arguments, **own.options)
    except Exception:  # the learner's __init__ may take other arguments
        return kind.__new__(kind)


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
