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
        "markdown.code": "cyan",  # Rich's own has a black background
        "hint": "yellow",
        "label": "bold",
        "marked": "bold",
        # Okabe and Ito's palette, which the colour-blind can tell apart: jfly.uni-koeln.de/color
        "time.work": "#56b4e9",
        "time.item": "bold #56b4e9",
        "time.pause": "#e69f00",
        "time.put": "#cc79a7",
        "time.get": "dim",
        "time.sleep": "#a08700",
        "time.wrong": "bold #d55e00",
        "time.done": "bold #009e73",
        "time.queue": "#56b4e9",
        "time.note": "bold reverse",
        "time.band": "#e69f00",
    }
)
