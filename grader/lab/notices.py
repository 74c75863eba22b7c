"""Notes what a submission tried that no exercise has a use for, by Python's audit hooks.

For a human to look at, and for nothing else: the code that is watched can outwit the watch, since it
runs in the same interpreter. Source of the events: "Audit events table" in Python's documentation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from grader.lab.libraries import needed_files
from grader.lab.stacks import current_line

__all__ = ["Notices"]

_MOST, _LONGEST = 20, 120

# How an event's name begins, and what is said of it; "{}" is its first argument.
_TRIES = {
    "subprocess.": "tried to start a process",
    "os.system": "tried to start a process",
    "os.exec": "tried to start a process",
    "os.posix_spawn": "tried to start a process",
    "os.spawn": "tried to start a process",
    "pty.": "tried to start a process",
    "os.fork": "tried to fork",
    "os.kill": "tried to signal a process",
    "signal.pthread_kill": "tried to signal a thread",
    "socket.connect": "tried to use the network",
    "socket.bind": "tried to use the network",
    "socket.send": "tried to use the network",
    "socket.get": "tried to use the network",
    "ctypes.": "used ctypes",
    "os.remove": "tried to remove {}",
    "os.rmdir": "tried to remove {}",
    "os.rename": "tried to rename {}",
    "os.mkdir": "tried to make the folder {}",
    "os.chmod": "tried to change the mode of {}",
    "os.chown": "tried to change the owner of {}",
    "os.link": "tried to link {}",
    "os.symlink": "tried to link {}",
    "os.truncate": "tried to cut {}",
    "os.utime": "tried to change the times of {}",
    "os.setxattr": "tried to change attributes of {}",
    "sqlite3.connect": "opened a database",
    "sys.addaudithook": "added an audit hook",
    "code.__new__": "made code objects",
    "resource.": "looked at limits",
}
# Only when a line of the learner's file calls them itself: libraries have good reasons to.
_OWN = {
    "sys._getframe": "walked the stack",
    "sys.settrace": "traced what is executed",
    "sys.setprofile": "traced what is executed",
    "gc.get_": "asked the garbage collector for objects",
}
_LISTS = ("os.listdir", "os.scandir")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Notices:
    """What was noticed since `begin`, in `seen`: sentences without their subject, each once."""

    def __init__(self) -> None:
        self.seen: dict[str, None] = {}
        self._filename = ""
        self._busy = False
        readable, writable = needed_files()
        # Tracebacks read the lab's own source: that is no doing of the submission's.
        self._known = {*readable, *writable, os.path.dirname(__file__)}
        self._kinds: dict[str, Callable[[tuple[Any, ...]], str] | None] = {"sys._getframe": None}
        sys.addaudithook(self._hear)

    def begin(self, filename: str) -> None:
        """Begin to notice: what happens from now on may be the doing of the learner's file."""
        self._filename = filename
        del self._kinds["sys._getframe"]

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        try:
            told = self._kinds[event]
        except KeyError:
            told = self._kinds[event] = self._kind(event)
        if told is None or self._busy or not self._filename:
            return
        self._busy = True  # to look where it comes from is an event too
        try:
            words = told(arguments)
            if words and len(self.seen) < _MOST and current_line(self._filename) is not None:
                self.seen[words] = None
        finally:
            self._busy = False

    def _kind(self, event: str) -> Callable[[tuple[Any, ...]], str] | None:
        """What makes a sentence of such an event, if it is of interest."""
        if event == "open":
            return self._opening
        if event in _LISTS:
            return partial(self._of_file, "tried to list {}")
        if event == "socket.__new__":
            return _networking
        for start, words in _OWN.items():
            if event.startswith(start):
                return partial(self._own, words)
        for start, words in _TRIES.items():
            if event.startswith(start):
                return partial(self._of_file if "{}" in words else _as_it_is, words)
        return None

    def _own(self, words: str, _arguments: tuple[Any, ...]) -> str:
        """The sentence, if the call behind the event stands in the learner's file."""
        frame = sys._getframe(2)  # past this function and the hook
        return words if frame.f_code.co_filename == self._filename else ""

    def _opening(self, arguments: tuple[Any, ...]) -> str:
        flags = arguments[2] if len(arguments) > 2 and type(arguments[2]) is int else 0
        return self._of_file(
            "tried to write {}" if flags & _WRITES else "tried to read {}", arguments
        )

    def _of_file(self, words: str, arguments: tuple[Any, ...]) -> str:
        name = arguments[0] if arguments else None
        if isinstance(name, int) or name is None:
            return ""  # a descriptor, which was opened before
        text = os.fsdecode(name) if isinstance(name, str | bytes) else str(name)
        known = text == self._filename or self._is_known(text)
        return "" if known else words.format(text[:_LONGEST])

    def _is_known(self, path: str) -> bool:
        """Whether a file is one that a program may need, or lies in such a folder."""
        path = os.path.normpath(path)
        while path not in self._known:
            path, inside = os.path.split(path)
            if not inside:
                return False
        return True


def _as_it_is(words: str, _arguments: tuple[Any, ...]) -> str:
    return words


def _networking(arguments: tuple[Any, ...]) -> str:
    # Arguments: the socket, its family, type and protocol; asyncio wakes its loop by AF_UNIX.
    local = len(arguments) > 1 and arguments[1] == 1
    return "" if local else "tried to use the network"
