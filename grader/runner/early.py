"""Starts the host of learners' processes before it is needed, and keeps it while more is to come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grader.runner.hosts import Host, open_host

__all__ = ["hosting", "keeping", "start_early"]

_early: list[tuple[bool, Host]] = []
_keepers: list[None] = []


def start_early(*, fork: bool = True) -> None:
    """Start a host now; the next `hosting` of the same kind takes it over."""
    if not _early:
        _early.append((fork, open_host(fork=fork)))


@contextmanager
def hosting(*, fork: bool) -> Iterator[Host]:
    """A host for as long as the block lasts: the one that was started early, or a new one.

    Within `keeping` it goes back there instead of being closed.
    """
    host = _taken(fork=fork) or open_host(fork=fork)
    try:
        yield host
    except BaseException:
        host.close()  # it may be what failed
        raise
    if _keepers and not _early:
        _early.append((fork, host))
    else:
        host.close()


@contextmanager
def keeping() -> Iterator[None]:
    """While the block lasts, one host serves every `hosting` in turn: it is started once."""
    _keepers.append(None)
    try:
        yield
    finally:
        _keepers.pop()
        if not _keepers:
            _close_early()


def _taken(*, fork: bool) -> Host | None:
    """The host that was started early, where it is of this kind."""
    if _early and _early[0][0] != fork:
        _close_early()
    return _early.pop()[1] if _early else None


def _close_early() -> None:
    while _early:
        _early.pop()[1].close()
