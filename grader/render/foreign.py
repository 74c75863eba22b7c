"""Makes text that a learner's program wrote harmless: nothing in it moves the cursor.

Colours are dropped; every other control character is shown by its code, as `repr` would.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["harmless"]

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
# Controls, writing directions, what is no character (yet) and has no width that is known, separators.
_UNSEEN = {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"}
_JOINER = "\u200d"  # holds many an emoji together, and moves nothing


def harmless(text: str, *, most: int | None = None, ellipsis: str = "...") -> str:
    """`text` with visible escapes in place of control characters, cut after `most` characters.

    Line ends stay; tabs become four spaces.
    """
    plain = _COLOURS.sub("", text.replace("\r\n", "\n")).replace("\t", "    ")
    if most is not None and len(plain) > most:
        plain = plain[:most] + ellipsis
    if plain.isascii() and plain.replace("\n", "").isprintable():
        return plain
    return "".join(map(_visible, plain))


def _visible(character: str) -> str:
    if character in ("\n", _JOINER) or unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
