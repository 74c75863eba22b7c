"""Takes over the terminal, and restores it whatever happens.

While it is taken, it shows the alternate screen without a cursor, and keys arrive at once and
without echo. Ctrl-C still interrupts.
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

UNKNOWN = (80, 24)  # columns and lines of a terminal that does not report its size

_EMPTY = "\x1b[H\x1b[2J"
_TAKE = f"\x1b[?1049h\x1b[?25l{_EMPTY}"  # alternate screen, cursor hidden
_GIVE_BACK = "\x1b[?25h\x1b[?1049l"
_HOLD, _SHOW = "\x1b[?2026h", "\x1b[?2026l"  # synchronized output: changes appear all at once

Handler = Callable[[int, FrameType | None], Any] | int | None


class Terminal:
    """The terminal on standard input and output; a context manager that takes it and gives it back.

    modes: the module `termios`, None where there is none. anew: called when everything has to be
    redrawn, because the window was resized or another program had the terminal.
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
        self._handle("SIGWINCH", lambda *_: self._anew())
        self._handle("SIGCONT", lambda *_: self._continued())
        self._handle("SIGTSTP", lambda *_: self.suspend())
        self._handle("SIGTERM", _exit)
        self._handle("SIGHUP", _exit)
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
        """Save the terminal's modes and take it over."""
        if self._modes is not None:
            self._found = self._modes.tcgetattr(sys.stdin.fileno())
        self._taken = True
        self._take()

    def _take(self) -> None:
        if self._modes is not None:
            self._set(_key_attributes(self._modes, self._found))
        self._drawn = []
        _write(_TAKE)

    def give_back(self) -> None:
        """Restore the terminal; does nothing if it is not taken."""
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
        """Stop our process group, leaving the terminal to the shell, until the shell resumes us."""
        was_taken = self._taken
        self.give_back()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)  # returns when we are resumed
        signal.signal(signal.SIGTSTP, before)
        if was_taken:
            self.take()
            self._anew()

    def _continued(self) -> None:
        """Set our modes again after a stop without notice (SIGSTOP): the shell set its own."""
        if self._taken:
            with contextlib.suppress(OSError):
                self._take()
            self._anew()

    def _handle(self, name: str, handler: Handler) -> None:
        number = getattr(signal, name, None)
        if number is not None:
            self._handlers[number] = signal.signal(number, handler)

    def lend(self) -> None:
        """Lend the terminal to the learner's program, together with the signals of its keys."""
        self.give_back()
        for name in ("SIGINT", "SIGTSTP"):
            number = getattr(signal, name, None)
            if number is not None:
                # A handler instead of SIG_IGN, which the program would inherit.
                ours = signal.SIG_DFL if name == "SIGTSTP" else _ignore
                self._lent[number] = signal.signal(number, ours)

    def take_back(self) -> None:
        """Take the terminal back after `lend`."""
        while self._lent:
            signal.signal(*self._lent.popitem())
        if not self._taken:
            self.take()

    # -- drawing --------------------------------------------------------------------------------

    @property
    def taken(self) -> bool:
        """Whether the terminal is taken."""
        return self._taken

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines; `UNKNOWN` if the terminal does not report them."""
        try:
            columns, lines = os.get_terminal_size(sys.stdout.fileno())
        except (OSError, ValueError):
            return UNKNOWN
        return (columns or UNKNOWN[0], lines or UNKNOWN[1])

    def draw(self, lines: list[str]) -> None:
        """Draw lines from the top; only those that changed are written, all at once."""
        if not self._taken:
            return
        if self.size != self._drawn_at:  # the terminal may have rewrapped the old lines
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
    """Return the terminal and its key reader; None if there is no usable terminal."""
    if os.environ.get("TERM") == "dumb" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    with contextlib.suppress(ImportError):
        return Terminal(importlib.import_module("termios"), anew), TerminalKeys(0, post)
    with contextlib.suppress(ImportError):
        console = importlib.import_module("msvcrt")
        if _enable_sequences():
            return Terminal(None, anew), ConsoleKeys(console, post)
    return None


def _key_attributes(modes: Any, found: Any) -> Any:
    """Return the attributes for reading keys (termios(3)): no echo, no line buffering."""
    attributes = [*found[:6], [*found[6]]]
    attributes[3] &= ~(modes.ECHO | modes.ICANON)
    signs = attributes[6]
    signs[modes.VMIN], signs[modes.VTIME] = 1, 0
    # Ctrl-Z arrives as a key, so that the terminal is given back before we stop.
    signs[modes.VSUSP] = os.fpathconf(sys.stdin.fileno(), "PC_VDISABLE").to_bytes(1, "big")
    return attributes


def _enable_sequences() -> bool:
    """Enable control sequences on a Windows console (SetConsoleMode); return whether it worked."""
    import ctypes  # noqa: PLC0415 - for Windows only

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - typed on Windows only
    output, virtual_terminal = kernel.GetStdHandle(-11), 0x0004
    mode = ctypes.c_uint32()
    if not kernel.GetConsoleMode(output, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(output, mode.value | virtual_terminal))


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Ignore Ctrl-C, which is for the program that has the terminal."""


def _exit(number: int, _frame: FrameType | None) -> None:
    """Exit by unwinding the stack, which restores the terminal."""
    sys.exit(128 + number)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:  # the terminal is gone
        raise BrokenPipeError from error
