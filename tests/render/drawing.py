"""Draws a view as a stream of a given width and encoding would get it, and keeps snapshots."""

from __future__ import annotations

import io
import os
from pathlib import Path

from rich.console import Console, RenderableType

from grader.cli import screen  # noqa: F401 - which says what becomes of signs that a stream has not
from grader.render.theme import THEME

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
UPDATE = "UPDATE_SNAPSHOTS"
"""An environment variable: set it to write the snapshots instead of comparing them."""


def draw(
    view: RenderableType, width: int = 80, encoding: str = "utf-8", *, colours: bool = False
) -> str:
    """What ends up in a file of this encoding, as text; with colours, what a terminal gets."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="twins", newline="")
    console = Console(
        file=stream,
        width=width,
        theme=THEME,
        color_system="standard" if colours else None,
        force_terminal=colours,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    console.print(view)
    stream.flush()
    return raw.getvalue().decode(encoding)


def check_snapshot(name: str, text: str) -> None:
    """Compare with the stored screen, or store it."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(UPDATE):
        file.write_text(text, encoding="utf-8", newline="\n")
    stored = file.read_text(encoding="utf-8")
    assert text == stored, f"{file.name} has changed; if it should, run again with {UPDATE}=1"
