"""Starts commands as a plain user and within limits, as a shell's `ulimit` sets them (Linux)."""

from __future__ import annotations

import os
import shutil

__all__ = ["AS_ROOT", "NOBODY", "as_plain_user", "within"]

NOBODY = 65_534
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def as_plain_user() -> tuple[str, ...] | None:
    """What to put before a command to run it as nobody; None where that needs what is not here.

    With the leave to read where Python itself is hidden from others.
    """
    if not AS_ROOT or shutil.which("setpriv") is None:
        return None
    more = ("-all,+dac_read_search",) * 3
    options = ("--inh-caps=", "--ambient-caps=", "--bounding-set=")
    capabilities = [option + value for option, value in zip(options, more, strict=True)]
    who = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    return ("setpriv", *who, *capabilities)


def within(processes: int | None, memory: int | None) -> tuple[str, ...]:
    """What to put before a command to limit it.

    processes: as `ulimit -u`, how many its user may have. memory: as `ulimit -v`, kilobytes.
    """
    limits = []
    if processes is not None:
        limits.append(f"--nproc={processes}:{processes}")
    if memory is not None:
        limits.append(f"--as={memory * 1024}:{memory * 1024}")
    return ("prlimit", *limits) if limits else ()
