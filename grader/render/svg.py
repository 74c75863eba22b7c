"""Builds self-contained SVG pictures: one style, light and dark, every text escaped.

The colours are Okabe and Ito's, which colour-blind people can tell apart
(https://jfly.uni-koeln.de/color/); every state also has a pattern or a word of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from zlib import crc32

from grader.render.foreign import harmless

__all__ = ["Picture", "element", "escaped", "number", "text", "wrapped"]

LETTER = 7.3  # width of a letter of the 12-unit font, in units, rounded up
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}

_STYLE = """\
.bpt{--ink:#1b1f24;--soft:#59636e;--line:#c3c9d0;--paper:#fff;--work:#0072b2;--on:#fff;
--back:#e69f00;--put:#cc79a7;--get:#aab2bb;--sleep:#8d7b00;--wrong:#d55e00;--good:#009e73;
font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media(prefers-color-scheme:dark){
.bpt{--ink:#e8ebef;--soft:#a5aeb8;--line:#454c55;--paper:#14171b;--work:#56b4e9;--on:#0b1520;
--back:#e69f00;--put:#cc79a7;--get:#59636e;--sleep:#f0e442;--wrong:#ff8a3d;--good:#2fc99a}}
.bpt text{fill:var(--ink)}
.bpt .paper{fill:var(--paper)}
.bpt .soft{fill:var(--soft)}
.bpt .b{font-weight:700}
.bpt .head{font-weight:700;font-size:14px}
.bpt .mid{text-anchor:middle}
.bpt .end{text-anchor:end}
.bpt .grid{stroke:var(--line);stroke-width:1}
.bpt .limit{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:6 4}
.bpt .work{fill:var(--work)}
.bpt .back{fill:var(--back)}
.bpt .put{fill:var(--put)}
.bpt .get{fill:var(--get)}
.bpt .band{fill:var(--back);opacity:.16}
.bpt .sleep{fill:var(--sleep)}
.bpt .wrong{fill:var(--wrong)}
.bpt .good{fill:var(--good)}
.bpt .flag{fill:var(--ink)}
.bpt .pole{stroke:var(--ink);stroke-width:1.5}
.bpt .cross{stroke:var(--wrong);stroke-width:2.5;fill:none}
.bpt .tick{stroke:var(--good);stroke-width:2.5;fill:none}
.bpt .hatch{stroke:var(--paper);stroke-width:2}
.bpt .window{fill:none;stroke:var(--good);stroke-width:2}
.bpt text.on{fill:var(--on)}
.bpt text.inflag{fill:var(--paper);font-weight:700}
.bpt text.alarm{fill:var(--wrong);font-weight:700}
.bpt text.wrongly{fill:var(--wrong);font-weight:700;font-size:16px}
"""


def escaped(words: str) -> str:
    """Escape markup and control characters."""
    return "".join(_ESCAPES.get(sign, sign) for sign in harmless(words).replace("\n", " "))


def number(value: float) -> str:
    """Format a length or position, to a tenth of a unit."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, inner: str = "", /, **attributes: float | str) -> str:
    """Return an element. inner: our own markup; `class_`, `text_anchor` become attribute names."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="'
        f'{number(value) if isinstance(value, int | float) else escaped(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{words}>{inner}</{name}>" if inner else f"<{name}{words}/>"


def text(x: float, y: float, words: str, class_: str = "") -> str:
    """Return a line of text. y: its baseline."""
    named = {"class_": class_} if class_ else {}
    return element("text", escaped(words) or " ", x=x, y=y, **named)


def wrapped(words: str, width: float) -> list[str]:
    """Wrap a text to lines of `width` units."""
    columns = max(20, int(width / LETTER))
    return textwrap.wrap(harmless(words), columns, break_on_hyphens=False) or [""]


class Picture:
    """A picture that grows downwards: `add` parts, then convert it with `str`.

    title: its name, which screen readers say first; description: what they say after it.
    """

    def __init__(self, title: str, description: str, width: float = 960) -> None:
        self.title = title
        self.description = description
        self.width = width
        self.height = 0.0
        self._parts: list[str] = []
        # Patterns are referenced by their ids, which must differ from picture to picture on a page.
        self.key = f"bpt{crc32(f'{title}{description}'.encode()):08x}"

    def add(self, *parts: str) -> None:
        """Append elements."""
        self._parts += parts

    def under(self, *parts: str) -> None:
        """Put elements behind all that were added before."""
        self._parts[:0] = parts

    def lines(self, x: float, words: Iterable[str], class_: str = "", leading: float = 17) -> None:
        """Append lines of text at the bottom; the picture grows. leading: units per line."""
        for line in words:
            self.height += leading
            self.add(text(x, self.height - 4, line, class_))

    def __str__(self) -> str:
        height = self.height + 12
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="bpt" role="img" '
            f'aria-labelledby="{self.key}t {self.key}d" width="{number(self.width)}" '
            f'height="{number(height)}" viewBox="0 0 {number(self.width)} {number(height)}" '
            'style="max-width:100%;height:auto">'
        )
        named = (
            f'<title id="{self.key}t">{escaped(self.title)}</title>'
            f'<desc id="{self.key}d">{escaped(self.description)}</desc>'
        )
        paper = element("rect", class_="paper", width=self.width, height=height, rx=6)
        style = f"<style>{_STYLE}</style>"
        return "\n".join([head, named, style, self._patterns(), paper, *self._parts, "</svg>"])

    def _patterns(self) -> str:
        """Return stripes and dots over the colours: without colour a print still differs."""
        stripes = element("path", class_="hatch", d="M-2 2 2-2M0 8 8 0M6 10 10 6")
        dots = element("circle", class_="paper", cx=4, cy=4, r=1.5)
        inner: Sequence[tuple[str, str]] = (("stripes", stripes), ("dots", dots))
        patterns = "".join(
            f'<pattern id="{self.key}{name}" width="8" height="8" '
            f'patternUnits="userSpaceOnUse">{shape}</pattern>'
            for name, shape in inner
        )
        return f"<defs>{patterns}</defs>"

    def over(self, pattern: str) -> str:
        """Return the fill that lays a pattern over a colour."""
        return f"url(#{self.key}{pattern})"
