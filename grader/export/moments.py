"""Reads a time as Moodle writes it for people: `Monday, 2 March 2026, 10:11 AM`, in any language."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

__all__ = ["moment_in"]

# The beginnings of the months' names, without accents, in the languages of most sites.
_MONTHS = (
    ("jan", "gen", "ene", "янв", "sty", "oca"),
    ("feb", "fev", "фев", "lut", "sub"),
    ("mar", "mae", "maa", "мар"),
    ("apr", "avr", "abr", "апр", "kwi", "nis"),
    ("may", "mai", "mag", "mei", "maj", "маи", "мая"),
    ("jun", "juin", "giu", "июн", "cze", "haz"),
    ("jul", "juil", "lug", "июл", "lip", "tem"),
    ("aug", "aou", "ago", "авг", "sie"),
    ("sep", "set", "сен", "wrz", "eyl"),
    ("oct", "okt", "ott", "out", "окт", "paz", "eki"),
    ("nov", "ноя", "lis", "kas"),
    ("dec", "dez", "dic", "дек", "gru", "ara"),
)
_WRITTEN = re.compile(
    r"(?P<day>\d{1,2})\.?(?:st|nd|rd|th|º)?\s+(?:de\s+)?(?P<month>[^\W\d_]{3,})\.?\s+(?:de\s+)?(?P<year>\d{4})"
    r"\D{1,8}?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s*(?P<half>[ap])\.?m)?"
)


def moment_in(text: str) -> str:
    """Return a time without a zone as ISO 8601, or "" when it is written in another way."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    found = _WRITTEN.search("".join(one for one in apart if not unicodedata.combining(one)))
    month = _month(found["month"]) if found else 0
    if found is None or not month:
        return ""
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] == "p")
    try:
        moment = datetime(  # noqa: DTZ001 - it says no zone
            int(found["year"]), month, int(found["day"]), hour, int(found["minute"])
        )
    except ValueError:
        return ""
    return moment.isoformat()


def _month(word: str) -> int:
    """Return a month's number; the longest beginning decides, as for `juin` and `juillet`."""
    fitting = [
        (len(begin), number)
        for number, begins in enumerate(_MONTHS, 1)
        for begin in begins
        if word.startswith(begin)
    ]
    return max(fitting)[1] if fitting else 0
