"""The signs of the screens, each with an ASCII twin for streams that cannot show it."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache

from rich.console import ConsoleOptions

from grader.results import Outcome

__all__ = ["ASCII", "UNICODE", "Glyphs", "glyphs_for"]


@dataclass(frozen=True)
class Glyphs:
    """One set of signs; the words beside them say the same."""

    passed: str
    failed: str
    not_run: str
    not_started: str
    missing: str
    ungraded: str
    running: str
    here: str
    bar: str
    rule: str
    ellipsis: str
    to: str
    full: str
    empty: str

    def of(self, outcome: Outcome) -> str:
        """Return the sign of an outcome, from the field of that name."""
        sign: str = getattr(self, outcome.value)
        return sign


UNICODE = Glyphs("✔", "✘", "·", "○", "?", "!", "…", ">", "│", "─", "…", "\N{EN DASH}", "━", "╌")
ASCII = Glyphs("ok", "x", "-", "o", "?", "!", "..", ">", "|", "-", "...", "-", "#", ".")


def glyphs_for(options: ConsoleOptions) -> Glyphs:
    """Return the signs that the console's stream can encode."""
    return UNICODE if _can_show_unicode(options.encoding) else ASCII


@cache
def _can_show_unicode(encoding: str) -> bool:
    try:
        "".join(astuple(UNICODE)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
