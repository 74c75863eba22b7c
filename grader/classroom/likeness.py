"""Finds submissions that look alike: the same code, the same but for names, or nearly the same.

What is found is worth a look and proves nothing: small exercises have few right solutions.

No library serves. copydetect (0.5, of March 2024) brings numpy, matplotlib and three more, and compares
every pair; compare50 is well kept, but under the GPL, and a program for folders of files; pycode-similar
dates from 2020; JPlag needs Java, and MOSS sends the learners' work to another university.

So, in the steps that these share:

1. A file becomes tokens, without comments, docstrings and blank space. A scanner of our own, since
   `tokenize` stops at syntax errors, and cuts f-strings differently from Python 3.12 on.
2. Names that a copier would change become one token; attributes, keywords and numbers stay. Every
   `SHINGLE` tokens in a row are a shingle (Broder, "On the resemblance and containment of
   documents", 1997). Those of the stub are taken away, as MOSS does with base files (Schleimer,
   Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003). About
   a hundred are left, so that all are kept, and winnowing is for larger documents.
3. Files are alike when their shingles are: by the Jaccard index, `ALIKE` and above. Pairs are found
   in an inverted index of each file's rarest shingles, which suffices (the prefix filter of Chaudhuri,
   Ganti and Kaushik, "A primitive operator for similarity joins in data cleaning", ICDE 2006).

Files that add little to the stub tell nothing (`TELLING`): whoever solves it adds just that.
"""

from __future__ import annotations

import builtins
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from keyword import iskeyword
from math import ceil
from zlib import crc32

from grader.class_results import Alike, Likeness, SubmissionResult
from grader.contained import contained

__all__ = ["ALIKE", "TELLING", "Comparison"]

SHINGLE = 7  # tokens
TELLING = 60  # shingles that are not the stub's
ALIKE = 0.7  # the Jaccard index; of independent right submissions the likest two have 0.54
MOST = 2_000  # shingles kept of one file: those with the smallest hashes, as in Broder's sketches
LONGEST = 128 << 10  # characters read of one file

_TOKENS = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<string> (?:\b[rRbBuUfFtT]{1,2})?
        (?: \"\"\"(?:[^\\"]|\\.|\"(?!\"\"))*+(?:\"\"\")? | '''(?:[^\\']|\\.|'(?!''))*+(?:''')?
          | \"(?:[^\\"\n]|\\.)*+\"? | '(?:[^\\'\n]|\\.)*+'? ) )
    | (?P<name> [^\W\d]\w* )
    | (?P<number> \.?\d[\w.]* )
    | (?P<open> [(\[{] ) | (?P<close> [)\]}] )
    | (?P<joined> \\\r?\n )
    | (?P<end> \n )
    | (?P<sign> \*\*=? | //=? | >>=? | <<=? | -> | := | [-+*/%&|^@=<>!]=? | [^\s] )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"[ \t\f\r]*(?:\#|\n|\Z)")
_KEPT = frozenset(dir(builtins))


@dataclass(frozen=True)
class _Print:
    """What is kept of one file: two keys for equality, and the shingles of its own, in order."""

    code: bytes
    shape: bytes
    shingles: array[int]


@dataclass
class _Pile:
    """All files with the same shape, and the submissions that they are from, by their code."""

    shingles: array[int]
    by_code: dict[bytes, list[str]] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        for names in self.by_code.values():
            yield from names


class Comparison:
    """Takes one submission after the other, then tells which look alike.

    Keeps a few kilobytes of each. stubs: what was handed out, by the ids of the exercises.
    """

    def __init__(self, stubs: Mapping[str, str]) -> None:
        self._stubs = {name: frozenset(_shingles(_scan(text))) for name, text in stubs.items()}
        self._piles: dict[str, dict[bytes, _Pile]] = {name: {} for name in stubs}
        self._order: dict[str, int] = {}
        self._known: dict[bytes, _Print | None] = {}

    def add(self, submission: SubmissionResult) -> None:
        """Take in all files of a submission that add enough to their stubs."""
        self._order.setdefault(submission.submission, len(self._order))
        for result in submission.exercises:
            found = self._print(result.exercise, result.source)
            if found is not None:
                piles = self._piles[result.exercise]
                pile = piles.setdefault(found.shape, _Pile(found.shingles))
                pile.by_code.setdefault(found.code, []).append(submission.submission)

    def groups(self) -> tuple[Alike, ...]:
        """The groups of each exercise: the most alike first, then the largest."""
        found = []
        for exercise, piles in self._piles.items():
            groups = [self._group(exercise, *group) for group in _joined(list(piles.values()))]
            levels = list(Likeness)
            found += sorted(
                filter(None, groups),
                key=lambda one: (levels.index(one.likeness), -len(one.submissions)),
            )
        return tuple(found)

    def _print(self, exercise: str, source: str) -> _Print | None:
        """What is kept of a file; None when it tells nothing. Equal texts are looked at once."""
        if exercise not in self._stubs or not source:
            return None
        text = source[:LONGEST]
        key = _digest([exercise, text])
        if key not in self._known:
            stub = self._stubs[exercise]
            self._known[key] = contained(lambda: _taken(text, stub), None)
        return self._known[key]

    def _group(self, exercise: str, piles: Sequence[_Pile], share: float) -> Alike | None:
        names = sorted(
            (name for pile in piles for name in pile.names()), key=self._order.__getitem__
        )
        if len(names) < 2:
            return None
        if len(piles) > 1:
            return Alike(exercise, Likeness.NEARLY, tuple(names), share)
        same = len(piles[0].by_code) == 1
        return Alike(exercise, Likeness.SAME if same else Likeness.RENAMED, tuple(names))


def _taken(text: str, stub: frozenset[int]) -> _Print | None:
    tokens = _scan(text)
    own = sorted(_shingles(tokens) - stub)
    if len(own) < TELLING:
        return None
    numbers: dict[str, str] = {}
    shape = [
        numbers.setdefault(text, f"\0{len(numbers)}") if shown == _NAME else shown
        for text, shown in tokens
    ]
    return _Print(_digest([text for text, _ in tokens]), _digest(shape), array("q", own[:MOST]))


def _digest(words: Sequence[str]) -> bytes:
    return blake2b("\n".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()


# -- tokens ------------------------------------------------------------------------------------

_NAME, _TEXT = "n", "s"


def _scan(source: str) -> list[tuple[str, str]]:
    """The tokens that make up the code: each as it is written, and as its shape has it."""
    tokens: list[tuple[str, str]] = []
    depth, at_start, before = 0, True, ""
    for match in _TOKENS.finditer(source):
        kind, text = match.lastgroup, match.group()
        if kind in ("comment", "joined"):
            continue
        if kind == "end":
            at_start = at_start or depth == 0
            continue
        shape = text
        if kind == "name":
            if before != "." and not iskeyword(text) and text not in _KEPT:
                shape = _NAME
        elif kind == "string":
            shape = _TEXT
            if at_start and _BLANK.match(source, match.end()):
                continue  # a docstring
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        at_start, before = False, text
        tokens.append((text, shape))
    return tokens


def _shingles(tokens: Sequence[tuple[str, str]]) -> set[int]:
    """The hashes of every `SHINGLE` tokens in a row, the same in every run."""
    codes = [_code(shape) for _, shape in tokens]
    return set(map(hash, zip(*(codes[start:] for start in range(SHINGLE)), strict=False)))


@lru_cache(maxsize=4096)
def _code(token: str) -> int:
    return crc32(token.encode("utf-8", "surrogatepass"))


# -- pairs -------------------------------------------------------------------------------------


def _joined(piles: Sequence[_Pile]) -> Iterator[tuple[list[_Pile], float]]:
    """The piles in groups of those that are linked by likeness, with the weakest link's share."""
    home = list(range(len(piles)))
    shares = [1.0] * len(piles)

    def root(number: int) -> int:
        while home[number] != number:
            home[number] = number = home[home[number]]
        return number

    for one, other, share in _pairs([pile.shingles for pile in piles]):
        a, b = root(one), root(other)
        shares[a] = min(shares[a], shares[b], share)
        home[b] = a
    groups: dict[int, list[_Pile]] = {}
    for number, pile in enumerate(piles):
        groups.setdefault(root(number), []).append(pile)
    for number, members in groups.items():
        yield members, shares[number]


def _pairs(files: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, float]]:
    """All pairs that are alike, by their places, with the share of shingles they have in common."""
    counts = Counter(shingle for file in files for shingle in file)
    index: dict[int, list[int]] = {}
    for number, file in enumerate(files):
        rarest = sorted(file, key=lambda shingle: (counts[shingle], shingle))
        # Two files with a Jaccard index of t share ceil(t * n) of the n: so one of these at least.
        prefix = rarest[: len(file) - ceil(ALIKE * len(file) - 1e-9) + 1]
        candidates = {other for shingle in prefix for other in index.get(shingle, ())}
        own = set(file)
        for other in sorted(candidates):
            if share := _share(own, files[other]):
                yield other, number, share
        for shingle in prefix:
            index.setdefault(shingle, []).append(number)


def _share(one: set[int], other: Sequence[int]) -> float:
    """The Jaccard index, 0 where it is below `ALIKE`."""
    if min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return 0.0
    common = len(one.intersection(other))
    index = common / (len(one) + len(other) - common)
    return index if index >= ALIKE else 0.0
