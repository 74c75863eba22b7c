"""Starts the host of learners' processes before it is needed, and keeps it while more is to come."""

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
"""Whether it forks, and what it shuts its processes into."""

_early: list[tuple[_Kind, Host]] = []
_leaving: list[Host] = []
_keepers: list[None] = []


def start_early(*, fork: bool = True, sandbox: Sandbox | None = None) -> None:
    """Start a host now; the next `hosting` of the same kind takes it over."""
    _let_others_go((fork, sandbox))
    if not _early:
        _early.append(((fork, sandbox), open_host(fork=fork, sandbox=sandbox)))


@contextmanager
def hosting(*, fork: bool, sandbox: Sandbox | None = None) -> Iterator[Host]:
    """A host for as long as the block lasts: the one that was started early, or a new one.

    Its processes are ended then, which takes a while; `farewell` waits for it, as does the next host.
    Within `keeping` a host without a sandbox goes back there instead.
    """
    _wait_for_leaving()
    host = _taken((fork, sandbox)) or open_host(fork=fork, sandbox=sandbox)
    kept = False
    try:
        yield host
        kept = bool(_keepers) and not _early and sandbox is None  # else it may be what failed
    finally:
        if kept:
            _early.append(((fork, sandbox), host))
        else:
            _let_go(host)


@contextmanager
def keeping() -> Iterator[None]:
    """While the block lasts, one host serves every `hosting` in turn: it is started once."""
    _keepers.append(None)
    try:
        yield
    finally:
        _keepers.pop()
        if not _keepers:
            _let_early_go()


def farewell() -> None:
    """Wait until no process of any host is left; a host that nobody took is ended too."""
    _let_early_go()
    _wait_for_leaving()


def _taken(kind: _Kind) -> Host | None:
    """The host that was started early, where it is of this kind."""
    _let_others_go(kind)
    return _early.pop()[1] if _early else None


def _let_others_go(kind: _Kind) -> None:
    if _early and _early[0][0] != kind:
        _let_early_go()


def _let_early_go() -> None:
    while _early:
        _let_go(_early.pop()[1])


def _let_go(host: Host) -> None:
    host.dismiss()
    _leaving.append(host)


def _wait_for_leaving() -> None:
    while _leaving:
        _leaving.pop().close()


atexit.register(farewell)  # for those who grade without the command line
