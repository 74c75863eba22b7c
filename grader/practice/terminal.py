"""Owns the terminal while it is needed, and leaves it as it was found, whatever happens.

While it is taken, the screen is another one than the shell's, there is no cursor, and keys come at
once and unseen. Ctrl-C still interrupts.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from grader.practice.keys import ConsoleKeys, Keys, TerminalKeys

__all__ = ["Terminal", "open_terminal"]

UNKNOWN = (80, 24)  # columns and lines of a terminal that does not say

_EMPTY = "\x1b[H\x1b[2J"
_TAKE = f"\x1b[?1049h\x1b[?25l{_EMPTY}"  # another screen, without a cursor
_GIVE_BACK = "\x1b[?25h\x1b[?1049l"
_HOLD, _SHOW = "\x1b[?2026h", "\x1b[?2026l"  # changes are shown all at once

Handler = Callable[[int, FrameType | None], Any] | int | None


class Terminal:
    """The terminal on standard input and output. A context manager: it is taken, then given back.

    modes: the module `termios`, None where there is none. anew: called when everything has to be
    drawn again; the window has another size, or somebody else had the terminal.
    """

    def __init__(self, modes: Any, anew: Callable[[], None]) -> None:
        self._modes = modes
        self._anew = anew
        self._found: Any = None
        self._taken = False
        self._drawn: list[str] = []
        self._drawn_at = (0, 0)
        self._handlers: dict[int, Handler] = {}
        self._lent: dict[int, Handler] = {}

    def __enter__(self) -> Self:
        atexit.register(self.give_back)
        self._listen("SIGWINCH", lambda *_: self._anew())
        self._listen("SIGCONT", lambda *_: self._continued())
        self._listen("SIGTSTP", lambda *_: self.suspend())
        self._listen("SIGTERM", _leave)
        self._listen("SIGHUP", _leave)
        self.take()
        return self

    def __exit__(self, *_error: object) -> None:
        self.give_back()
        atexit.unregister(self.give_back)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    # -- taking and giving back -----------------------------------------------------------------

    def take(self) -> None:
        """Take the terminal, as it is now."""
        if self._modes is not None:
            self._found = self._modes.tcgetattr(sys.stdin.fileno())
        self._taken = True
        self._take()

    def _take(self) -> None:
        if self._modes is not None:
            self._set(_for_keys(self._modes, self._found))
        self._drawn = []
        _write(_TAKE)

    def give_back(self) -> None:
        """Put everything back; more than once does no harm."""
        if not self._taken:
            return
        self._taken = False
        with contextlib.suppress(OSError, ValueError):
            _write(_GIVE_BACK)
        if self._modes is not None:
            with contextlib.suppress(OSError, self._modes.error):
                self._set(self._found)

    def _set(self, attributes: Any) -> None:
        self._modes.tcsetattr(sys.stdin.fileno(), self._modes.TCSANOW, attributes)

    def suspend(self) -> None:
        """Give the terminal to the shell, with our whole group, until it brings us to the front."""
        was_taken = self._taken
        self.give_back()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)  # returns when we go on
        signal.signal(signal.SIGTSTP, before)
        if was_taken:
            self.take()
            self._anew()

    def _continued(self) -> None:
        """After a stop that nobody told us of the shell has left modes of its own behind."""
        if self._taken:
            with contextlib.suppress(OSError):
                self._take()
            self._anew()

    def _listen(self, name: str, handler: Handler) -> None:
        number = getattr(signal, name, None)
        if number is not None:
            self._handlers[number] = signal.signal(number, handler)

    def lend(self) -> None:
        """Give the terminal to a program of the learner's, together with what it sends by keys."""
        self.give_back()
        for name in ("SIGINT", "SIGTSTP"):
            number = getattr(signal, name, None)
            if number is not None:
                # A handler, and not "ignored", which the program would inherit.
                ours = signal.SIG_DFL if name == "SIGTSTP" else _nothing
                self._lent[number] = signal.signal(number, ours)

    def take_back(self) -> None:
        """Take the terminal again, where it was lent."""
        while self._lent:
            signal.signal(*self._lent.popitem())
        if not self._taken:
            self.take()

    # -- drawing --------------------------------------------------------------------------------

    @property
    def taken(self) -> bool:
        """Whether it is ours now."""
        return self._taken

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            columns, lines = os.get_terminal_size(sys.stdout.fileno())
        except (OSError, ValueError):
            return UNKNOWN
        return (columns or UNKNOWN[0], lines or UNKNOWN[1])

    def draw(self, lines: list[str]) -> None:
        """Show these lines from the top; only what has changed is written, all at once."""
        if not self._taken:
            return
        if self.size != self._drawn_at:  # whatever the terminal has made of the old lines
            self._drawn, self._drawn_at = [], self.size
            _write(_EMPTY)
        before = self._drawn
        changes = [
            f"\x1b[{row};1H\x1b[K{line}"
            for row, line in enumerate(lines, 1)
            if row > len(before) or before[row - 1] != line
        ]
        if changes or len(before) > len(lines):
            below = f"\x1b[{len(lines) + 1};1H\x1b[J" if len(lines) < self.size[1] else ""
            _write(f"{_HOLD}{''.join(changes)}{below}{_SHOW}")
        self._drawn = lines


def open_terminal(
    post: Callable[[str], None], anew: Callable[[], None]
) -> tuple[Terminal, Keys] | None:
    """The terminal, and the reader of its keys; None where there is none to be taken."""
    if os.environ.get("TERM") == "dumb" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    with contextlib.suppress(ImportError):
        return Terminal(importlib.import_module("termios"), anew), TerminalKeys(0, post)
    with contextlib.suppress(ImportError):
        console = importlib.import_module("msvcrt")
        if _understands_sequences():
            return Terminal(None, anew), ConsoleKeys(console, post)
    return None


def _for_keys(modes: Any, found: Any) -> Any:
    """The attributes for reading keys (termios(3)): no echo, no lines."""
    attributes = [*found[:6], [*found[6]]]
    attributes[3] &= ~(modes.ECHO | modes.ICANON)
    signs = attributes[6]
    signs[modes.VMIN], signs[modes.VTIME] = 1, 0
    # A key of its own: the terminal is given back before we stop, not while.
    signs[modes.VSUSP] = os.fpathconf(sys.stdin.fileno(), "PC_VDISABLE").to_bytes(1, "big")
    return attributes


def _understands_sequences() -> bool:
    """Have a Windows console take control sequences (SetConsoleMode); says whether it does."""
    import ctypes  # noqa: PLC0415 - for Windows only

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - typed on Windows only
    output, virtual_terminal = kernel.GetStdHandle(-11), 0x0004
    mode = ctypes.c_uint32()
    if not kernel.GetConsoleMode(output, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(output, mode.value | virtual_terminal))


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C is for the program that has the terminal."""


def _leave(number: int, _frame: FrameType | None) -> None:
    """Unwind the stack: everything is put back on the way."""
    sys.exit(128 + number)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:  # the terminal has gone
        raise BrokenPipeError from error
