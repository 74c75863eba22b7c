"""The console that everything is shown on: as wide, as colourful and as plain as the stream is."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import IO

from rich.console import Console, RenderableType

from grader.render.theme import THEME

__all__ = ["open_console", "show"]

WIDEST = 100  # columns: longer lines are hard to read
UNKNOWN = 80  # columns of a file or a pipe
HEIGHT = 25  # lines, where that makes no difference

_TWINS = str.maketrans("‘’“”–—‑…×→·", "''\"\"---.x>-")  # noqa: RUF001 - they are what it is about


def show(view: RenderableType) -> None:
    """Print something on standard output; pictures have a `widest` of their own, in columns."""
    open_console(getattr(view, "widest", WIDEST)).print(view)


def open_console(widest: int = WIDEST) -> Console:
    """A console on standard output."""
    stream = sys.stdout
    dumb = os.environ.get("TERM") == "dumb"
    if isinstance(stream, io.TextIOWrapper):
        # What cannot be shown must not end the run. A dumb terminal is taken to know ASCII only.
        stream.reconfigure(encoding="ascii" if dumb else None, errors="twins")
    return _Console(stream, live=stream.isatty() and not dumb, widest=widest)


class _Console(Console):
    """Rich's console, with its guesses made where the course wants something else."""

    def __init__(self, stream: IO[str], *, live: bool, widest: int) -> None:
        super().__init__(
            file=stream,
            theme=THEME,
            highlight=False,
            markup=False,
            emoji=False,
            force_interactive=live,
        )
        # Rich asks standard input too for the width, which is not the width of a file.
        self.width = min(widest, self.width if live else _columns(stream))
        if not live:
            self.height = HEIGHT  # with one of its own, a dumb terminal has the width set above

    def on_broken_pipe(self) -> None:
        """Leave it to the program; Rich would exit with 1, as a crash does."""
        raise BrokenPipeError


def _columns(stream: IO[str]) -> int:
    """The width that the environment asks for, or that a dumb terminal has."""
    wish = os.environ.get("COLUMNS", "")
    if wish.isdecimal() and int(wish) > 0:
        return int(wish)
    with contextlib.suppress(OSError):  # no terminal, or no file at all
        return os.get_terminal_size(stream.fileno()).columns or UNKNOWN
    return UNKNOWN


def _twin(error: UnicodeError) -> tuple[str, int]:
    """For encoding: the ASCII twin of what cannot be shown, or a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end].translate(_TWINS)
    return "".join(sign if sign.isascii() else "?" for sign in lost), error.end


codecs.register_error("twins", _twin)
