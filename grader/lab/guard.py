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

__all__ = ["Guard", "limit_memory", "own_group", "own_session"]

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
    """Let this process grow by no more than `size` bytes, where the system can limit that.

    By how much it has been mapped already differs: locales alone may map 200 MB.
    """
    try:
        import resource
    except ImportError:
        return
    size += _mapped()
    for limit in (resource.RLIMIT_AS, getattr(resource, "RLIMIT_DATA", resource.RLIMIT_AS)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mapped() -> int:
    """The bytes of address space in use, as Linux tells them (proc(5), `statm`); else 0."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def own_session() -> None:
    """Lead a session and a process group of our own, away from the grader's terminal."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()


def own_group() -> None:
    """Lead a process group of our own, so that it can be ended with all that it started.

    Within the server's session: Linux gives each session a like share of a busy processor (sched(7),
    "autogroup"), so that children in sessions of their own would slow down the grader itself.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.setpgid(0, 0)
