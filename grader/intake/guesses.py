"""Reads file names that are not as asked: for which exercise was a file probably meant?

Downloads, copies and exports add to a name, each in its user's language (`ex2 (1).py`, `ex2 - Kopie.py`,
`Copy of ex2.py`). So a name is searched for what the exercises are called, whatever stands around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum, StrEnum

__all__ = ["Guess", "Guesses", "Kind", "Strength", "without_copy_words"]

LONGEST = 400  # characters; a name in a zip may have 65,535, on which the patterns are slow
ALIKE = 0.84  # similarity of names that differ by a slip of the finger
SHORTEST_TITLE = 6  # letters; shorter words of an id stand in many a name
# "Exercise" in the languages of most sites, without accents. "Task" and "homework" are not among
# them: they may count something else.
_WORDS = (
    *(
        "exercise",
        "exercice",
        "exercicio",
        "ejercicio",
        "esercizio",
        "exer",
        "ex",
        "uebung",
        "ubung",
    ),
    *("aufgabe", "opgave", "oppgave", "oefening", "ovning", "uppgift", "harjoitus", "tehtava"),
    *("zadanie", "cwiczenie", "cviceni", "feladat", "gyakorlat", "alistirma", "exercitiu"),
    *("упражнение", "задание", "вправа", "ασκηση", "练习", "練習", "연습", "과제"),
)
_COUNTED = re.compile(rf"(?<![a-z])(?:{'|'.join(_WORDS)})[\W_]*0*([0-9]+)(?![0-9])")
_ONLY_NUMBER = re.compile(r"[\W_]*0*([0-9]+)[\W_]*")
_JOINT = r"[\W_]*"
_REPEAT = re.compile(r"(?:\s?\(([0-9]{1,6})\)|-([0-9]{1,6}))\Z")
_TESTS = re.compile(r"(?<![a-z])(?:tests?|conftest)(?![a-z])")
_NOTEBOOK = re.compile(r"(?P<stem>.*)\.ipynb(?:\.(?:txt|json))?", re.DOTALL)
# Saved by an editor for plain text, or numbered after its ending by a browser.
_CODE = re.compile(
    r"(?P<stem>.*)\.(?:py[w3]?)(?:[ ._-]*\(?[0-9]{1,6}\)?)?(?:\.(?:txt|text|py))*", re.DOTALL
)
_TEXT = re.compile(
    r"(?P<stem>.*?)(?:[._]py)?(?:\.(?:txt|text|bak|old|orig|save|tmp|part|md)|~)*", re.DOTALL
)
_COPY_OF = re.compile(
    r"\s*(?:cop(?:y|ie|ia) (?:of|de|di|a)|kopi[ea]? (?:von|van|av|af|pliku|souboru)|kopio tiedostosta|"
    r"c[oó]pia d[eo]|kopia|копия|копія|副本|コピー)[\s_:-]*",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What a file is by its ending. `TEXT` may be code under another ending, or notes."""

    CODE = "code"
    NOTEBOOK = "notebook"
    TEXT = "text"
    OTHER = "other"


class Strength(IntEnum):
    """How well a name says which exercise is meant."""

    ASKED = 0  # too little to count: a person has to look
    NUMBER = 1
    TITLE = 2
    ID = 3
    EXACT = 4


@dataclass(frozen=True)
class Guess:
    """What a name was probably meant to say. exercises: the only one, or several it may be.

    who: the text before the exercise's name; repeat: the number that a browser or a platform added.
    """

    exercises: tuple[str, ...]
    strength: Strength
    kind: Kind
    who: str = ""
    repeat: int = 0


class Guesses:
    """Guesses exercises from names. exercises: their ids, in the course's order."""

    def __init__(self, exercises: Iterable[str]) -> None:
        ids = tuple(exercises)
        self._by_number: dict[str, list[str]] = {}
        self._whole: dict[str, re.Pattern[str]] = {}
        self._titles: dict[str, re.Pattern[str]] = {}
        self._letters: dict[str, str] = {}
        for one in ids:
            number, _, title = one.partition("_")
            self._by_number.setdefault(number.removeprefix("ex"), []).append(one)
            words = _JOINT.join(title.split("_"))
            counted = f"ex{_JOINT}0*{number.removeprefix('ex')}"
            self._whole[one] = re.compile(f"(?<![a-z]){counted}{_JOINT}{words}")
            self._titles[one] = re.compile(f"(?<![a-z]){words}(?![a-z])")
            for spelling in (one, title):
                if len(letters := _only_letters(spelling)) >= SHORTEST_TITLE:
                    self._letters[letters] = one

    def of(self, name: str) -> Guess | None:
        """Return what a file's name was probably meant to say, or None when it says nothing."""
        if len(name) > LONGEST:
            return None
        kind, stem = _split(name.strip())
        folded = _folded(stem)
        found, strength, at = self._found(folded, kind)
        if not found:
            return None
        if len(found) > 1 or _TESTS.search(folded) or kind is Kind.OTHER:
            strength = Strength.ASKED
        who = without_copy_words(stem[:at]) if len(folded) == len(stem) else ""
        return Guess(found, strength, kind, who, _repeat(folded))

    def _found(self, stem: str, kind: Kind) -> tuple[tuple[str, ...], Strength, int]:
        """Return the exercises that a stem names, how well, and where the first name begins."""
        whole = {one: m for one, p in self._whole.items() if (m := p.search(stem))}
        titles = {one: m for one, p in self._titles.items() if (m := p.search(stem))}
        numbers = {
            one: match
            for match in _COUNTED.finditer(stem)
            for one in self._by_number.get(match[1], ())
        }
        for found, strength in (
            (whole, Strength.ID),
            (titles, Strength.TITLE),
            (numbers, Strength.NUMBER),
        ):
            if found:
                every = dict.fromkeys([*found, *titles, *numbers])
                at = min(match.start() for match in found.values())
                return tuple(every), strength, at
        if kind not in (Kind.CODE, Kind.NOTEBOOK):
            return (), Strength.ASKED, 0
        if only := _ONLY_NUMBER.fullmatch(stem):
            return tuple(self._by_number.get(only[1], ())), Strength.NUMBER, 0
        near = get_close_matches(_only_letters(stem), self._letters, 1, ALIKE)
        return tuple(self._letters[one] for one in near), Strength.ASKED, 0


def _repeat(stem: str) -> int:
    """Return the number at the end of a name, unless it is the exercise's own."""
    found = _REPEAT.search(stem)
    own = max((match.end() for match in _COUNTED.finditer(stem)), default=0)
    return int(found[1] or found[2]) if found and found.start() >= own else 0


def without_copy_words(text: str) -> str:
    """Return the text before an exercise's name without "Copy of" and what joins the two."""
    return _COPY_OF.sub("", text, count=1).strip(" ._-")


def _split(name: str) -> tuple[Kind, str]:
    lower = name.lower()
    for kind, pattern in ((Kind.NOTEBOOK, _NOTEBOOK), (Kind.CODE, _CODE)):
        if found := pattern.fullmatch(lower):
            return kind, name[: found.end("stem")]
    found = _TEXT.fullmatch(lower)
    if found and "." not in found["stem"]:
        return Kind.TEXT, name[: found.end("stem")]
    return Kind.OTHER, name.rpartition(".")[0] or name


def _folded(text: str) -> str:
    """Return a text without case, accents and full width, of the same length where that is possible."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def _only_letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
