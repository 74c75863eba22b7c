"""Limits this process's memory and its processor time per scenario, and records the guilty line.

A spinning program never lets other Python code run, so `faulthandler` names the line: it writes from
the signal handler itself, which works in `while True: pass`, in a runaway regular expression, and
under `except BaseException`. The timer counts processor time, not real time, so a busy machine does
no harm.
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
    """Limits the processor time of each scenario in turn.

    fault: an open file descriptor for the stack of a program that is stopped.
    """

    def __init__(self, fault: int) -> None:
        self._fault = fault
        faulthandler.enable(fault, all_threads=False)
        if _SIGNAL is not None:
            # `chain`: the default handler, which ends the process, runs after the stack is written.
            faulthandler.register(_SIGNAL, fault, all_threads=False, chain=True)

    def arm(self, seconds: float) -> None:
        """End the process once it has used `seconds` of processor time from now.

        Without such a timer: after ten times as much real time.
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
    """Let this process grow by at most `size` bytes, where the system can limit that.

    The limit is on top of what is mapped already, which varies: locales alone may map 200 MB.
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
    """The bytes of address space in use (proc(5), `statm`); 0 where there is no /proc."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def own_session() -> None:
    """Start a new session and process group, detached from the grader's terminal."""
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()


def own_group() -> None:
    """Start a new process group, so that this process can be killed with everything it started.

    It stays in the server's session: Linux gives each session an equal share of a busy processor
    (sched(7), "autogroup"), so children in sessions of their own would slow down the grader.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.setpgid(0, 0)
