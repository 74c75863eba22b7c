"""Fits timelines into the page of a class: one shared style, and ids that are unique."""

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

# A trace with a single try, drawn only for its style, which all drawings share.
_SAMPLE: dict[str, Any] = {
    "format": 2,
    "end": {"how": "quiet"},
    "clock": 0.1,
    "tasks": ["lab", "C1"],
    "crew": [1],
    "events": [[0.0, 1, "begin", 1, 0, 1, 0], [0.1, 1, "finish", 1, 0, 1, "ok", 0]],
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
    """Draws a trace as SVG, "" if there is none, as `grader.render.timeline_svg.timeline_svg` does.

    It escapes everything it shows.
    """

    def __call__(self, trace: Any, finding: Finding, /, *, title: str) -> str: ...


class Timelines:
    """Draws the timelines of failed checks for one page.

    The page's policy allows only its own styles, by their hash, so the drawings have none of their
    own; `style` is the one that they share. `smallest`: characters of the smallest drawing so far.
    """

    smallest = 0

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._numbers = count(1)
        found = _STYLE.search(draw(_SAMPLE, Finding(), title=""))
        self.style = found[1] if found else ""

    def draw(self, check: CheckResult) -> str:
        """Return the timeline of a check, "" if it has none."""
        trace = check.observation.trace
        if trace is None:
            return ""
        svg = contained(partial(self._draw, dict(trace), finding_of(check), title=check.title), "")
        drawn = self._with_own_ids(_INLINE.sub(r"\1", _STYLE.sub("", svg)))
        if drawn:
            self.smallest = min(self.smallest or len(drawn), len(drawn))
        return drawn

    def _with_own_ids(self, svg: str) -> str:
        """Return the SVG with ids, and references to them, that are unique on the page."""
        known = _IDS.findall(svg)
        if not known:
            return svg
        names = {name: f"t{next(self._numbers)}" for name in dict.fromkeys(known)}
        words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        # In tags only: text stays as it is.
        return re.sub(
            r"<[^>]+>",
            lambda tag: re.sub(
                rf'(?<=["#\s])(?:{words})(?=["\s)])', lambda found: names[found[0]], tag[0]
            ),
            svg,
        )
