"""Reads keys as they are pressed; where there is no terminal, lines."""

from __future__ import annotations

import codecs
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

__all__ = ["ConsoleKeys", "Decoder", "Keys", "LineKeys", "TerminalKeys"]

Post = Callable[[str], None]
"""Takes a key: a character, or a name such as `up`; `eof` when there will be no more."""

_NAMES = {"\r": "enter", "\n": "enter", "\x03": "ctrl-c", "\x1a": "ctrl-z", "\x04": "eof"}

# What terminals send for the keys that have no character (ECMA-48; xterm, "PC-Style Function Keys").
_SEQUENCES = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "1~": "home",
    "7~": "home",
    "4~": "end",
    "8~": "end",
    "5~": "pgup",
    "6~": "pgdn",
}

# What Windows' consoles give after a NUL or 0xE0 (`_getwch`, "Remarks").
_SCAN_CODES = {
    "H": "up",
    "P": "down",
    "M": "right",
    "K": "left",
    "G": "home",
    "O": "end",
    "I": "pgup",
    "Q": "pgdn",
}


class Keys(Protocol):
    """A reader of keys, in a thread of its own from `start` to `stop`; may be started again."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Decoder:
    """Makes keys of what a terminal sends. A key's sequence may come in pieces."""

    def __init__(self) -> None:
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""

    def feed(self, data: bytes) -> list[str]:
        """The keys that are complete now; no data means that nothing more came for a while."""
        if not data:
            alone, self._begun = self._begun, ""
            return ["esc"] if alone == "\x1b" else []
        text = self._begun + self._characters.decode(data)
        self._begun = ""
        return list(self._keys(text))

    def _keys(self, text: str) -> Iterator[str]:
        place = 0
        while place < len(text):
            if text[place] != "\x1b":
                yield _NAMES.get(text[place], text[place])
                place += 1
                continue
            end = _end_of_sequence(text, place)
            if end is None:
                self._begun = text[place:]
                return
            name = _SEQUENCES.get(text[place + 2 : end])
            if end == place + 1:
                yield "esc"
            elif name:
                yield name
            place = end


def _end_of_sequence(text: str, place: int) -> int | None:
    """Where the sequence ends that an escape character begins; None when it is cut off."""
    if place + 1 == len(text):
        return None
    if text[place + 1] not in "[O":
        return place + 1  # the Escape key, and something else after it
    for end in range(place + 2, len(text)):
        if "@" <= text[end] <= "~":
            return end + 1
    return None


class _Reader:
    """A thread that posts keys until it is told to stop."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        self._stopped.clear()
        self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more; what is typed from now on is for somebody else."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(1)

    def _read(self) -> None:
        raise NotImplementedError


class TerminalKeys(_Reader):
    """Reads a POSIX terminal in the mode that `grader.practice.terminal` sets.

    A lone escape character is the Escape key when nothing follows it for a moment.
    """

    MOMENT = 0.1  # seconds

    def __init__(self, fd: int, post: Post) -> None:
        super().__init__(post)
        self._fd = fd

    def _read(self) -> None:
        decoder = Decoder()
        while not self._stopped.is_set():
            # A wait that ends, so that a key for somebody else is left alone after `stop`.
            ready, _, _ = select.select([self._fd], [], [], self.MOMENT)
            data = _read_some(self._fd) if ready else b""
            if ready and not data:  # the terminal has gone
                self._post("eof")
                return
            for key in decoder.feed(data):
                self._post(key)


class ConsoleKeys(_Reader):
    """Reads a Windows console. console: the module `msvcrt`."""

    PAUSE = 0.02  # seconds between looks

    def __init__(self, console: Any, post: Post) -> None:
        super().__init__(post)
        self._console = console

    def _read(self) -> None:
        while not self._stopped.is_set():
            if not self._console.kbhit():
                time.sleep(self.PAUSE)
                continue
            character = self._console.getwch()
            if character in ("\0", "\xe0"):
                name = _SCAN_CODES.get(self._console.getwch(), "")
            else:
                name = "esc" if character == "\x1b" else _NAMES.get(character, character)
            if name:
                self._post(name)


class LineKeys(_Reader):
    """Reads lines, each a key's character or name; an empty line is Enter.

    Where there is not a single line to read, as from `/dev/null`, the key is `deaf`.
    """

    def __init__(self, fd: int, post: Post) -> None:
        super().__init__(post)
        self._fd = fd

    def stop(self) -> None:
        """Post no more; the thread may still wait for the end of a line."""
        self._stopped.set()

    def _read(self) -> None:
        pending, end = b"", "deaf"
        # Not by `sys.stdin`: its lock, held by a thread, would not let Python end.
        while more := b"" if self._stopped.is_set() else _read_some(self._fd):
            *lines, pending = (pending + more).split(b"\n")
            end = "eof"
            for line in lines:
                self._post(line.decode(errors="replace").strip() or "enter")
        self._post(end)


def _read_some(fd: int) -> bytes:
    """What can be read; nothing at the end."""
    try:
        return os.read(fd, 1 << 10)
    except OSError:
        return b""
