"""Starts the host of learners' processes before it is needed, while the grader itself still starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grader.runner.hosts import Host, open_host
from grader.runner.sandbox import Sandbox

__all__ = ["hosting", "start_early"]

_early: list[tuple[bool, Host]] = []


def start_early(*, fork: bool = True) -> None:
    """Start a host without a sandbox now; the next `hosting` of the same kind takes it over."""
    if not _early:
        _early.append((fork, open_host(fork=fork)))


@contextmanager
def hosting(*, fork: bool, sandbox: Sandbox | None = None) -> Iterator[Host]:
    """A host for as long as the block lasts: the one that was started early, or a new one."""
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
        host.close()
