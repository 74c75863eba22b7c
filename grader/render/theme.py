"""The one theme: every style of the screens by its name."""

from __future__ import annotations

from rich.theme import Theme

__all__ = ["THEME"]

THEME = Theme(
    {
        "passed": "green",
        "failed": "red",
        "not_run": "dim",
        "not_started": "cyan",
        "missing": "yellow",
        "ungraded": "magenta",
        "title": "bold",
        "heading": "bold",
        "rule": "dim",
        "aside": "dim",
        "code": "cyan",
        "command": "bold cyan",
        "hint": "yellow",
        "label": "bold",
        "marked": "bold",
    }
)
