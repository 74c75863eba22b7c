"""The console for all output, with the width, colours and characters that the stream supports."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from typing import IO

from rich.cells import cell_len
from rich.console import Console, RenderableType

from grader.render.theme import THEME

__all__ = ["open_console", "show"]

WIDEST = 100  # columns: longer lines are hard to read
UNKNOWN = 80  # columns of a file or a pipe
HEIGHT = 25  # lines, where the height does not matter

_TWINS = str.maketrans("‘’“”–—‑…×→·", "''\"\"---.x>-")  # noqa: RUF001 - the signs to replace


def show(view: RenderableType) -> None:
    """Print a renderable on standard output.

    Its `widest`, in columns, replaces `WIDEST`. If it is `paged` and longer than the terminal, a pager
    shows it.
    """
    console = open_console(getattr(view, "widest", WIDEST))
    if getattr(view, "paged", False) and console.is_interactive and _is_long(view, console):
        # A pager may show the codes of styles instead: `less` without -R, Windows' own at all times.
        os.environ.setdefault("LESS", "-R")
        with console.pager(styles=os.name != "nt"):
            console.print(view)
    else:
        console.print(view)


def _is_long(view: RenderableType, console: Console) -> bool:
    return len(console.render_lines(view, pad=False)) >= console.height


def open_console(widest: int = WIDEST) -> Console:
    """Return a console on standard output."""
    stream = sys.stdout
    dumb = os.environ.get("TERM") == "dumb"
    if isinstance(stream, io.TextIOWrapper):
        # A character that cannot be encoded must not end the run. A dumb terminal gets ASCII only.
        stream.reconfigure(encoding="ascii" if dumb else None, errors="twins")
    return _Console(stream, live=stream.isatty() and not dumb, widest=widest)


class _Console(Console):
    """Rich's console, with settings where the course differs from Rich's guesses."""

    def __init__(self, stream: IO[str], *, live: bool, widest: int) -> None:
        super().__init__(
            file=stream,
            theme=THEME,
            highlight=False,
            markup=False,
            emoji=False,
            force_interactive=live,
        )
        # Rich also takes the width of standard input, which is wrong for a file.
        self.width = min(widest, self.width if live else _columns(stream))
        if not live:
            self.height = HEIGHT  # with a height too, Rich keeps the width above on a dumb terminal

    def on_broken_pipe(self) -> None:
        """Leave it to `grader.cli.program`; Rich would exit with 1, like a crash."""
        raise BrokenPipeError


def _columns(stream: IO[str]) -> int:
    """Return $COLUMNS, else the width of a dumb terminal, else `UNKNOWN`."""
    setting = os.environ.get("COLUMNS", "")
    if setting.isdecimal() and int(setting) > 0:
        return int(setting)
    with contextlib.suppress(OSError):  # not a terminal, or not even a file
        return os.get_terminal_size(stream.fileno()).columns or UNKNOWN
    return UNKNOWN


def _twin(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: replace a character by its ASCII twin, or by question marks of its width.

    Lines were laid out by the widths: an accent of none would make its line too long.
    """
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end].translate(_TWINS)
    return "".join(sign if sign.isascii() else "?" * cell_len(sign) for sign in lost), error.end


codecs.register_error("twins", _twin)
