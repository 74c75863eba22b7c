"""Starts the host of learners' processes early, and keeps it while more runs follow."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.runner.hosts import Host, open_host

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["farewell", "hosting", "keeping", "start_early"]

_Kind = tuple[bool, "Sandbox | None"]
"""Whether the host forks, and the sandbox of its processes."""

_early: list[tuple[_Kind, Host]] = []
_dismissed: list[Host] = []
_keepers: list[None] = []


def start_early(*, fork: bool = True, sandbox: Sandbox | None = None) -> None:
    """Start a host now, for the next `hosting` of the same kind."""
    _dismiss_other_kinds((fork, sandbox))
    if not _early:
        _early.append(((fork, sandbox), open_host(fork=fork, sandbox=sandbox)))


@contextmanager
def hosting(*, fork: bool, sandbox: Sandbox | None = None) -> Iterator[Host]:
    """Yield a host for the block: the one that was started early, or a new one.

    Afterwards its processes are ended, which takes a while: `farewell` waits for it, as does the next
    `hosting`. Within `keeping` a host without a sandbox is kept instead.
    """
    _close_dismissed()
    host = _take_early((fork, sandbox)) or open_host(fork=fork, sandbox=sandbox)
    kept = False
    try:
        yield host
        # Not after an error: the host may be its cause.
        kept = bool(_keepers) and not _early and sandbox is None
    finally:
        if kept:
            _early.append(((fork, sandbox), host))
        else:
            _dismiss(host)


@contextmanager
def keeping() -> Iterator[None]:
    """Serve every `hosting` in the block, one after another, with one host: it starts once."""
    _keepers.append(None)
    try:
        yield
    finally:
        _keepers.pop()
        if not _keepers:
            _dismiss_early()


def farewell() -> None:
    """Wait until no process of any host is left; an unused host is ended too."""
    _dismiss_early()
    _close_dismissed()


def _take_early(kind: _Kind) -> Host | None:
    """Take the host that was started early, if it is of this kind; end one of another kind."""
    _dismiss_other_kinds(kind)
    return _early.pop()[1] if _early else None


def _dismiss_other_kinds(kind: _Kind) -> None:
    if _early and _early[0][0] != kind:
        _dismiss_early()


def _dismiss_early() -> None:
    while _early:
        _dismiss(_early.pop()[1])


def _dismiss(host: Host) -> None:
    host.dismiss()
    _dismissed.append(host)


def _close_dismissed() -> None:
    while _dismissed:
        _dismissed.pop().close()


atexit.register(farewell)  # for callers other than the command line
