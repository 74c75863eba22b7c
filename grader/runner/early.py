"""Starts the host of learners' processes before it is needed, while the grader itself still starts."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.runner.hosts import Host, open_host

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["farewell", "hosting", "start_early"]

_early: list[tuple[bool, Host]] = []
_leaving: list[Host] = []


def start_early(*, fork: bool = True) -> None:
    """Start a host without a sandbox now; the next `hosting` of the same kind takes it over."""
    if not _early:
        _early.append((fork, open_host(fork=fork)))


@contextmanager
def hosting(*, fork: bool, sandbox: Sandbox | None = None) -> Iterator[Host]:
    """A host for as long as the block lasts: the one that was started early, or a new one.

    Its processes are ended then, which takes a while; `farewell` waits for it, as does the next host.
    """
    _wait_for_leaving()
    host: Host | None = None
    while _early:
        started, early = _early.pop()
        if started == fork and sandbox is None and host is None:
            host = early
        else:
            early.close()
    host = host or open_host(fork=fork, sandbox=sandbox)
    try:
        yield host
    finally:
        host.dismiss()
        _leaving.append(host)


def farewell() -> None:
    """Wait until no process of any host is left; a host that nobody took is ended too."""
    while _early:
        _leaving.append(_early.pop()[1])
    _wait_for_leaving()


def _wait_for_leaving() -> None:
    while _leaving:
        _leaving.pop().close()


atexit.register(farewell)  # for those who grade without the command line
