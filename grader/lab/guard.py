"""Limits on this process: processor time per scenario, memory, and a record of the guilty line.

A spinning program never gives its own Python code a turn, so the line is named by `faulthandler`,
which writes from the signal handler itself: it works in `while True: pass`, in a regular expression
that blows up, and under `except BaseException`. The timer counts processor time, not real time: a
busy machine makes nobody guilty.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
from collections.abc import Callable

__all__ = ["Guard"]

_set_timer: Callable[[int, float], object] | None = getattr(signal, "setitimer", None)
_TIMER = getattr(signal, "ITIMER_PROF", None)
_SIGNAL = getattr(signal, "SIGPROF", None)


class Guard:
    """Watches the processor time of one scenario after the other.

    fault: an open file descriptor for the stack of a program that has to be stopped.
    """

    def __init__(self, fault: int) -> None:
        self._fault = fault
        faulthandler.enable(fault, all_threads=False)
        if _SIGNAL is not None:
            # Its previous handler, which ends the process, is called after the stack is written.
            faulthandler.register(_SIGNAL, fault, all_threads=False, chain=True)

    def arm(self, seconds: float) -> None:
        """End the process once it has used `seconds` of processor time from now.

        Where there is no such timer it is real time, ten times as long.
        """
        if _set_timer is not None and _TIMER is not None:
            _set_timer(_TIMER, seconds)
        else:
            faulthandler.dump_traceback_later(10 * seconds, exit=True, file=self._fault)

    def disarm(self) -> None:
        """Stop counting."""
        if _set_timer is not None and _TIMER is not None:
            _set_timer(_TIMER, 0)
        else:
            faulthandler.cancel_dump_traceback_later()


def limit_memory(size: int) -> None:
    """Let no allocation grow this process beyond `size` bytes, where the system can limit that."""
    try:
        import resource
    except ImportError:
        return
    for limit in (resource.RLIMIT_AS, getattr(resource, "RLIMIT_DATA", resource.RLIMIT_AS)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def own_session() -> None:
    """Lead a process group of our own, so that the grader can end it with all its children."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()
