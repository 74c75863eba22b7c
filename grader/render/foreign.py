"""Makes a learner's text harmless: nothing in it moves the cursor.

Colours are dropped; every other control character is shown by its code, as in `repr`.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["harmless", "shortened"]

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
# Controls, writing directions, unassigned (of unknown width), surrogates, separators.
_UNSEEN = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}
_NUMBERED = re.compile(r" \(\d+(?:st|nd|rd|th)\)$")  # by `grader.trace.apart`
_JOINER = "\u200d"  # joins emoji, and does not move the cursor


def harmless(text: str, *, most: int | None = None, ellipsis: str = "...") -> str:
    """Return `text` with control characters escaped, cut after `most` characters.

    Line ends stay; tabs become four spaces.
    """
    plain = _COLOURS.sub("", text.replace("\r\n", "\n")).replace("\t", "    ")
    if most is not None and len(plain) > most:
        plain = plain[:most] + ellipsis
    if plain.isascii() and plain.replace("\n", "").isprintable():
        return plain
    return "".join(map(_visible, plain))


def shortened(name: str, most: int, ellipsis: str = ".") -> str:
    """Return an item's name on one line, cut after `most` characters, but for the number at its end."""
    found = _NUMBERED.search(name)
    number = found[0] if found else ""
    start = harmless(name.removesuffix(number), most=most, ellipsis=ellipsis)
    return start.replace("\n", " ") + number


def _visible(character: str) -> str:
    if character in ("\n", _JOINER) or unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
