"""Explains a request that was not answered in full: how a process ended, in the learner's terms."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from grader.errors import GraderFault
from grader.runner.loops import spinning
from grader.runner.watch import MOST_MEMORY, MOST_THREADS, Health

__all__ = [
    "EXHAUSTED",
    "NOT_RUN",
    "OVERWRITTEN",
    "SPENT",
    "Stop",
    "broken_stop",
    "cut_stop",
    "early_end",
    "end_stop",
    "import_stop",
    "loading_stop",
]

EXIT_MEMORY, EXIT_LAB, EXIT_BROKEN, EXIT_WALLS = 86, 87, 88, 89  # as in `grader.lab.child`
DEEPEST_STACK = 60  # lines read of a stack
_KILLED = -9  # by a signal that nobody can catch; from Windows no such code comes
_WITHOUT_MEMORY = {
    EXIT_MEMORY: "Used more memory than 384 MB{}.",
    _KILLED: "Its process was killed{}, as where the machine has no memory left.",
}
_SPUN = -getattr(signal, "SIGPROF", 0) or None  # the exit code of a program that ran out of time
# What `faulthandler` begins with when that time is over. Python 3.13's may crash over a frame that is
# just being made; it was asked all the same.
_ASKED = "Stack (most recent call first)"


@dataclass(frozen=True)
class Stop:
    """A request that was not answered in full: why (a `results.Why` value) and what was seen.

    error: the learner's exception as plain data, or None.
    holds: it blocked the event loop.
    line: the learner's line to blame, or None if unknown.
    """

    why: str
    message: str
    line: int | None = None
    error: Mapping[str, Any] | None = None
    holds: bool = False


OVERWRITTEN = Stop("error", "The file wrote over the grader's own line to it.")
"""The process sent something that is not an answer of the lab."""

SPENT = Stop("timeout", "Takes far more time, over all its runs, than the exercise needs.")
"""No single run takes too long, but all of them together do."""

NOT_RUN = Stop("dependency", "not run: this file had to be stopped too often")
"""Returned for a run once the reason has been given."""

EXHAUSTED = Stop("output", "Never stops: it does far more than the exercise needs.")
"""The answers of a submission are too large in total."""


def import_stop(answer: Mapping[str, Any]) -> Stop | None:
    """Return what went wrong in importing a submission, by the answer to it; None if nothing did."""
    if answer.get("loaded") is True:
        return None
    if answer.get("cut"):
        return cut_stop(answer)
    error = _dict(answer.get("error"))
    line = _line([None, *_list(error.get("lines"))][-1])
    how = answer.get("how")
    kind, text = error.get("type", "error"), error.get("text", "")
    words = f"{kind}: {text}" if text else f"{kind}"
    where = f" (line {line})" if line else ""
    if how == "exit":
        return Stop("exit", f"Ends the program while it is imported{where}.", line, error)
    if how == "memory":
        message = f"Uses more memory than 384 MB while it is imported{where}."
        return Stop("memory", message, line, error)
    return Stop("import", f"Cannot be imported: {words}{where}.", line, error)


def cut_stop(answer: Mapping[str, Any]) -> Stop:
    """Return why the lab stopped the submission midway, by its last answer."""
    end = _dict(answer.get("end"))
    line = _line(end.get("line"))
    if end.get("how") == "exit":
        where = f" at line {line}" if line else ""
        return Stop("exit", f"Ends the whole program{where}: {end.get('detail')}.", line)
    if end.get("detail") == "blocked":
        where = f" at line {line}" if line else ""
        message = f"time.sleep(){where} stops the whole event loop, again and again, for ever."
        return Stop("busy_loop", message, line, holds=True)
    what = "does" if end.get("detail") == "events" else "prints"
    return Stop("output", f"Never stops: it {what} far more than the exercise needs.", line)


def loading_stop(stop: Stop) -> Stop:
    """Return the stop in the words of a module that is still being loaded: no event loop runs yet."""
    if stop.why != "busy_loop":
        return replace(stop, holds=False)
    where = f" at line {stop.line}" if stop.line else ""
    message = f"Never finishes loading: it goes on for ever{where}, before there is any event loop."
    return Stop("import", message, stop.line)


def broken_stop(answer: Mapping[str, Any]) -> Stop:
    """Return how the submission broke the lab, after the submission's code had begun."""
    if answer.get("spent"):
        spent = str(answer["spent"])[:40]
        return Stop("error", f"The file uses up all {spent} that its process has.")
    changed = [str(name)[:80] for name in _list(answer.get("changed"))]
    if not changed:
        return _UNEXPLAINED
    names = ", ".join(changed[:4])
    return Stop("error", f"The file replaces parts of Python that its own code needs: {names}.")


_UNEXPLAINED = Stop("error", "The file breaks what its process needs to tell what happened.")


def early_end(code: int, text: str) -> GraderFault:
    """Return the fault of a process that ended before any of the submission's code ran in it."""
    if code == EXIT_WALLS:
        return GraderFault(f"The sandbox could not be put up: {text[:2_000]}")
    if code == EXIT_LAB:
        return GraderFault("The lab failed and could not say how.")
    return GraderFault(f"A process ended with {code} before it was given anything to run.")


def end_stop(
    filename: str, source: str, health: Health, code: int, text: str, *, alive: bool
) -> Stop:
    """Return how a process ended without an answer, after the submission's code had begun in it.

    filename, source: the learner's.
    health: the process's health when last looked at, before we ended it.
    code: its exit code (negative for a signal).
    text: what was written about its end.
    alive: whether it closed its connection without ending.
    """
    stack = _stack_in(text, filename)
    line = stack[0] if stack else None
    where = f" at line {line}" if line else ""
    if health is Health.SPENT:
        return SPENT
    if health is Health.STANDS:
        message = f"Waits in real time for something{where}, and never goes on."
        return Stop("timeout", message, line, holds=True)
    if health is Health.SPINS or code == _SPUN or text.startswith(("Timeout (", _ASKED)):
        spin = spinning(source, stack)
        where = f" at line {spin.line}" if spin.line else ""
        message = f"Never gives the event loop a turn: it spins{where} without an await."
        if spin.awaits:
            message = (
                f"Keeps the processor busy without end: it spins{where}, and time never passes."
            )
        return Stop("busy_loop", message, spin.line, holds=True)
    if health is Health.CROWDS:
        return Stop("memory", f"Starts more than {MOST_THREADS} threads{where}.", line)
    if health is Health.SWELLS:
        megabytes = MOST_MEMORY >> 20
        return Stop("memory", f"Its processes hold more than {megabytes} MB together.", line)
    if alive or code == EXIT_BROKEN:
        return Stop("error", "The file closes or breaks what its process needs to answer.")
    if code in _WITHOUT_MEMORY:
        return Stop("memory", _WITHOUT_MEMORY[code].format(where), line)
    if code < 0:
        return Stop("error", f"Python itself crashed{where} (signal {-code}).", line)
    return Stop("exit", f"Ended the whole program{where} (exit code {code}).", line)


def _stack_in(text: str, filename: str) -> list[int]:
    """Return the lines of the learner's file in a `faulthandler` stack, innermost first."""
    found = re.finditer(rf'File "{re.escape(filename)}", line (\d{{1,7}})\b', text)
    return [int(one[1]) for one in islice(found, DEEPEST_STACK)]


# Answers are untrusted: the learner's code may have written anything.


def _dict(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _line(value: Any) -> int | None:
    return value if type(value) is int else None
