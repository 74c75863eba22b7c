"""Fits timelines into the page of a class: one style for all of them, and ids that differ."""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from typing import Any, Protocol

from grader.contained import contained
from grader.render.timeline.model import Finding
from grader.render.timeline.scene import finding_of
from grader.results import CheckResult

__all__ = ["Draw", "Timelines"]

# A trace in which nothing happens but one try: what it is drawn with holds for all.
_SAMPLE: dict[str, Any] = {
    "format": 1,
    "end": {"how": "quiet"},
    "clock": 0.1,
    "tasks": ["lab", "C1"],
    "consumers": [1],
    "events": [[0.0, 1, "begin", 1, 0, 1], [0.1, 1, "finish", 1, 0, 1, "ok"]],
    "waits": [],
    "left": [],
    "unawaited": [],
    "seeds": [],
    "stats": None,
    "result": None,
    "deterministic": True,
    "items": ["1"],
}
_STYLE = re.compile(r"<style>(.*?)</style>\s*", re.DOTALL)
_INLINE = re.compile(r'(<svg\b[^>]*?) style="[^"]*"')
_IDS = re.compile(r'\bid="([^"]+)"')


class Draw(Protocol):
    """What `grader.render.timeline_svg.timeline_svg` is: a trace as an SVG, "" where there is none.

    It escapes all that it shows.
    """

    def __call__(self, trace: Any, finding: Finding, /, *, title: str) -> str: ...


class Timelines:
    """Draws the timelines of failed checks for one page.

    The page's policy allows its own styles only, by their hash: so the drawings come without theirs,
    which is `style` for all of them.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._numbers = count(1)
        found = _STYLE.search(draw(_SAMPLE, Finding(), title=""))
        self.style = found[1] if found else ""

    def draw(self, check: CheckResult) -> str:
        """The timeline of a check, "" where it has none."""
        trace = check.observation.trace
        if trace is None:
            return ""
        svg = contained(partial(self._draw, trace, finding_of(check), title=check.title), "")
        return self._distinct(_INLINE.sub(r"\1", _STYLE.sub("", svg)))

    def _distinct(self, svg: str) -> str:
        """The same with ids, and what refers to them, that no other drawing of the page has."""
        known = _IDS.findall(svg)
        if not known:
            return svg
        names = {name: f"t{next(self._numbers)}" for name in dict.fromkeys(known)}
        words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        # In tags only: what a text says stays.
        return re.sub(
            r"<[^>]+>",
            lambda tag: re.sub(
                rf'(?<=["#\s])(?:{words})(?=["\s)])', lambda found: names[found[0]], tag[0]
            ),
            svg,
        )
