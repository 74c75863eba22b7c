"""Reads single keys from a terminal, or lines where there is none."""

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
"""Called with each key: a character, or a name such as `up`; `eof` at the end of input."""

_NAMES = {"\r": "enter", "\n": "enter", "\x03": "ctrl-c", "\x1a": "ctrl-z", "\x04": "eof"}

# Escape sequences of keys without a character (ECMA-48; xterm, "PC-Style Function Keys").
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

# Codes of Windows consoles after a NUL or 0xE0 (`_getwch`, "Remarks").
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
    """Reads keys in its own thread from `start` to `stop`; can be started again."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Decoder:
    """Decodes a terminal's bytes into keys; an escape sequence may arrive in pieces."""

    def __init__(self) -> None:
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""

    def feed(self, data: bytes) -> list[str]:
        """Return the keys that are complete now.

        data: b"" for a pause in the input, after which a lone escape character is the Escape key.
        """
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
    """Return where the escape sequence at `place` ends; None if it is incomplete."""
    if place + 1 == len(text):
        return None
    if text[place + 1] not in "[O":
        return place + 1  # the Escape key, followed by another key
    for end in range(place + 2, len(text)):
        if "@" <= text[end] <= "~":
            return end + 1
    return None


class _Reader:
    """Posts keys from a thread until `stop`."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        self._stopped.clear()
        self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; keys typed from now on are for another program."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(1)

    def _read(self) -> None:
        raise NotImplementedError


class TerminalKeys(_Reader):
    """Reads a POSIX terminal in the mode that `grader.practice.terminal` sets.

    An escape character is the Escape key if nothing follows it within `MOMENT`.
    """

    MOMENT = 0.1  # seconds

    def __init__(self, fd: int, post: Post) -> None:
        super().__init__(post)
        self._fd = fd

    def _read(self) -> None:
        decoder = Decoder()
        while not self._stopped.is_set():
            # Wait with a timeout, so that no key of another program is taken after `stop`.
            ready, _, _ = select.select([self._fd], [], [], self.MOMENT)
            data = _read_some(self._fd) if ready else b""
            if ready and not data:  # the terminal is gone
                self._post("eof")
                return
            for key in decoder.feed(data):
                self._post(key)


class ConsoleKeys(_Reader):
    """Reads a Windows console. console: the module `msvcrt`."""

    PAUSE = 0.02  # seconds between polls

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

    Posts `deaf` if there is no line at all, as in `/dev/null`.
    """

    def __init__(self, fd: int, post: Post) -> None:
        super().__init__(post)
        self._fd = fd

    def stop(self) -> None:
        """Stop posting; the thread may still be waiting for the end of a line."""
        self._stopped.set()

    def _read(self) -> None:
        pending, end = b"", "deaf"
        # Not through `sys.stdin`: its lock, held by this thread, would keep Python from exiting.
        while not self._stopped.is_set() and (more := _read_some(self._fd)):
            *lines, pending = (pending + more).split(b"\n")
            end = "eof"
            for line in lines:
                self._post_unless_stopped(line.decode(errors="replace").strip() or "enter")
        if last := pending.decode(errors="replace").strip():  # a line without an end
            self._post_unless_stopped(last)
        self._post_unless_stopped(end)

    def _post_unless_stopped(self, key: str) -> None:
        if not self._stopped.is_set():
            self._post(key)


def _read_some(fd: int) -> bytes:
    """Read what is available; b"" at the end or on an error."""
    try:
        return os.read(fd, 1 << 10)
    except OSError:
        return b""
