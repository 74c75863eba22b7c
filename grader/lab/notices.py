"""Notices what a submission does that no exercise needs, by Python's audit hooks.

The notices are for a human to review: the watched code runs in the same interpreter, so it can outwit
the watch. A few attempts are also refused with `PermissionError`: those that search memory or walk
frames for the lab's own objects (`grader.lab.hidden`). Source of the events: "Audit events table" in
Python's documentation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import _bootstrap_external
from types import FrameType
from typing import Any, NoReturn

from grader.lab import stacks
from grader.lab.hidden import BARE
from grader.lab.libraries import needed_files

__all__ = ["Notices"]

_MOST, _LONGEST = 20, 120
_getframe = sys._getframe

# The notice for each event, by the beginning of its name; "{}" is its first argument.
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
    "code.__new__": "made code objects",
    "resource.": "looked at limits",
}
# Refused, unless the caller is the lab itself.
_REFUSED = {
    "ctypes.": "used ctypes",
    "gc.get_": "asked the garbage collector for objects",
    "sys._current_": "looked into other threads",
    "sys.addaudithook": "added an audit hook",
    "sys.monitoring.": "traced what is executed",
    "sys.setprofile": "traced what is executed",
    "sys.settrace": "traced what is executed",
}
_CODE, _LOOKED = "replaced the code of a function", "looked into frames of the grader"
# Attributes that lead to a frame: of a traceback, a generator or a coroutine.
_FRAMES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
_LISTS = ("os.listdir", "os.scandir")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Notices:
    """Collects notices since `begin`.

    seen: the notices, each once, as sentences without their subject.
    hear: the audit hook.
    """

    def __init__(self) -> None:
        self.seen: dict[str, None] = {}
        self._filename = ""
        self._busy = False
        readable, writable = needed_files()
        # Tracebacks read the lab's own source; the submission is not to blame for that.
        self._known = {*readable, *writable, os.path.dirname(__file__)}
        # The namespaces of the grader's modules: code that runs with one of these is the grader's.
        self._ours = {id(vars(module)) for name, module in sys.modules.items() if _is_ours(name)}
        self._kinds: dict[str, Callable[[tuple[Any, ...]], str] | None] = {"sys._getframe": None}
        self.hear = self._hearing()
        sys.addaudithook(self.hear)

    def begin(self, filename: str) -> None:
        """Start to notice events caused by the learner's file."""
        self._filename = filename
        del self._kinds["sys._getframe"]

    def _hearing(self) -> Callable[[str, tuple[Any, ...]], None]:
        """The audit hook. It skips `grader.lab.stacks`, which reads a frame for each recorded event."""
        hear, lab_looks = self._hear, vars(stacks)

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "sys._getframe" and arguments and arguments[0].f_globals is lab_looks:
                return
            if event == "object.__getattr__" and arguments[1] == "f_code":
                return
            hear(event, arguments)

        return hook

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        try:
            told = self._kinds[event]
        except KeyError:
            told = self._kinds[event] = self._kind(event)
        if told is None or self._busy or not self._filename:
            return
        self._busy = True  # finding the caller raises an audit event too
        try:
            words = told(arguments)
            if words and len(self.seen) < _MOST and stacks.is_running(self._filename):
                self.seen[words] = None
        finally:
            self._busy = False

    def _kind(self, event: str) -> Callable[[tuple[Any, ...]], str] | None:
        """A function that words the notice for this event; None if the event does not matter."""
        special: dict[str, Callable[[tuple[Any, ...]], str]] = {
            "open": self._opening,
            "sys._getframe": self._walking,
            "object.__getattr__": self._holding,
            "object.__setattr__": self._remaking,
            "marshal.loads": self._remaking,
            "socket.__new__": _networking,
            **dict.fromkeys(_LISTS, partial(self._of_file, "tried to list {}")),
        }
        if event in special:
            return special[event]
        for start, words in _REFUSED.items():
            if event.startswith(start):
                return partial(self._refusing, words)
        for start, words in _TRIES.items():
            if event.startswith(start):
                return partial(self._of_file if "{}" in words else _as_it_is, words)
        return None

    def _walking(self, _arguments: tuple[Any, ...]) -> str:
        """The notice for `sys._getframe`; refused where the frame would lead to the lab."""
        frame = _getframe(3)  # past this function and the hook
        if id(frame.f_globals) in self._ours:
            return ""
        self._check(frame)
        if frame.f_code.co_filename != self._filename:
            return ""
        if _is_bare(frame.f_back):
            self._refuse(_LOOKED)
        return "walked the stack"

    def _holding(self, arguments: tuple[Any, ...]) -> str:
        """Check a read of a traceback's or coroutine's frame; refused where it leads to the lab."""
        owner, name = arguments
        if name in _FRAMES and id((asker := _getframe(3)).f_globals) not in self._ours:
            frame = getattr(owner, name)
            self._check(frame)
            theirs = asker.f_code.co_filename == self._filename
            if theirs and _is_bare(frame):
                self._refuse(_LOOKED)
        return ""

    def _remaking(self, arguments: tuple[Any, ...]) -> str:
        """Refuse replacing a function's code, and unmarshalling code, which only imports may do."""
        importing = id(_getframe(3).f_globals) == id(vars(_bootstrap_external))
        if not importing and (len(arguments) < 2 or arguments[1] == "__code__"):
            self._refuse(_CODE)
        return ""

    def _check(self, frame: FrameType | None) -> None:
        while frame is not None:
            if id(frame.f_globals) in self._ours:
                self._refuse(_LOOKED)
            frame = frame.f_back

    def _refusing(self, words: str, _arguments: tuple[Any, ...]) -> str:
        frame = _getframe(3)  # past this function and the hook
        if id(frame.f_globals) not in self._ours:
            self._refuse(words)
        return ""

    def _refuse(self, words: str) -> NoReturn:
        if len(self.seen) < _MOST:
            self.seen[words] = None
        raise PermissionError(f"not while this file is graded: it {words}")

    def _opening(self, arguments: tuple[Any, ...]) -> str:
        flags = arguments[2] if len(arguments) > 2 and type(arguments[2]) is int else 0
        return self._of_file(
            "tried to write {}" if flags & _WRITES else "tried to read {}", arguments
        )

    def _of_file(self, words: str, arguments: tuple[Any, ...]) -> str:
        name = arguments[0] if arguments else None
        if type(name) is bytes:
            name = os.fsdecode(name)
        if type(name) is not str:
            return ""  # a descriptor, or an object whose `__fspath__` may do anything
        text = name
        known = text == self._filename or self._is_known(text)
        return "" if known else words.format(text[:_LONGEST])

    def _is_known(self, path: str) -> bool:
        """Whether a program may need this file: it is on the list, or in a folder on the list."""
        path = os.path.normpath(path)
        while path not in self._known:
            path, inside = os.path.split(path)
            if not inside:
                return False
        return True


def _is_bare(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_globals.get("__name__") == BARE


def _is_ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "grader"


def _as_it_is(words: str, _arguments: tuple[Any, ...]) -> str:
    return words


def _networking(arguments: tuple[Any, ...]) -> str:
    # Arguments: the socket, its family, type and protocol. asyncio wakes its loop through AF_UNIX.
    local = len(arguments) > 1 and arguments[1] == 1
    return "" if local else "tried to use the network"
