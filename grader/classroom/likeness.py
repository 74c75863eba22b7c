"""Finds similar submissions: the same code, the same except for names, or nearly the same.

A match is worth a look and proves nothing: small exercises have few correct solutions.

No library fits. copydetect (0.5, March 2024) needs numpy, matplotlib and three more, and compares every
pair; compare50 is well maintained, but under the GPL, and a program for folders of files;
pycode-similar dates from 2020; JPlag needs Java; MOSS sends learners' work to another university.

The method is the one that these tools share:

1. Split each file into tokens, without comments, docstrings and blank space. The scanner is our own:
   `tokenize` stops at syntax errors, and splits f-strings differently from Python 3.12 on.
2. Replace names that a copier would change with one token; keep attributes, keywords and numbers.
   Every `SHINGLE` consecutive tokens are a shingle (Broder, "On the resemblance and containment of
   documents", 1997). Remove the stub's shingles, as MOSS does with base files (Schleimer, Wilkerson
   and Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003). Keep all of the
   remaining hundred or so: winnowing is for larger documents.
3. Compare shingles by the Jaccard index: files are alike from `ALIKE` on. An inverted index of each
   file's rarest shingles finds every such pair (the prefix filter of Chaudhuri, Ganti and Kaushik,
   "A primitive operator for similarity joins in data cleaning", ICDE 2006).

Skip files that add little to the stub (`TELLING`): every solution adds just that.
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
ALIKE = 0.7  # the Jaccard index; the most similar independent correct submissions have 0.54
MOST = 2_000  # shingles kept of a file: those with the smallest hashes, as in Broder's sketches
LONGEST = 128 << 10  # characters read of a file

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
class _Sketch:
    """What is kept of a file: digests of its code and its shape, and its own shingles, sorted."""

    code: bytes
    shape: bytes
    shingles: array[int]


@dataclass
class _Bucket:
    """All files with the same shape: their shingles, and their submissions by code digest."""

    shingles: array[int]
    by_code: dict[bytes, list[str]] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        for names in self.by_code.values():
            yield from names


class Comparison:
    """Collects submissions, then groups those that look alike.

    Keeps a few kilobytes of each. stubs: the sources handed out, by exercise id.
    """

    def __init__(self, stubs: Mapping[str, str]) -> None:
        self._stubs = {name: frozenset(_shingles(_scan(text))) for name, text in stubs.items()}
        self._buckets: dict[str, dict[bytes, _Bucket]] = {name: {} for name in stubs}
        self._order: dict[str, int] = {}
        self._known: dict[bytes, _Sketch | None] = {}

    def add(self, submission: SubmissionResult) -> None:
        """Add every file of a submission that adds enough to its stub."""
        self._order.setdefault(submission.submission, len(self._order))
        for result in submission.exercises:
            found = self._sketch(result.exercise, result.source)
            if found is not None:
                buckets = self._buckets[result.exercise]
                bucket = buckets.setdefault(found.shape, _Bucket(found.shingles))
                bucket.by_code.setdefault(found.code, []).append(submission.submission)

    def groups(self) -> tuple[Alike, ...]:
        """Return the groups of each exercise: the most alike first, then the largest."""
        found = []
        for exercise, buckets in self._buckets.items():
            groups = [self._group(exercise, *group) for group in _linked(list(buckets.values()))]
            levels = list(Likeness)
            found += sorted(
                filter(None, groups),
                key=lambda one: (levels.index(one.likeness), -len(one.submissions)),
            )
        return tuple(found)

    def _sketch(self, exercise: str, source: str) -> _Sketch | None:
        """Return a file's sketch, or None when it adds too little. Equal texts are scanned once."""
        if exercise not in self._stubs or not source:
            return None
        text = source[:LONGEST]
        key = _digest([exercise, text])
        if key not in self._known:
            stub = self._stubs[exercise]
            self._known[key] = contained(lambda: _sketch_of(text, stub), None)
        return self._known[key]

    def _group(self, exercise: str, buckets: Sequence[_Bucket], share: float) -> Alike | None:
        names = sorted(
            (name for bucket in buckets for name in bucket.names()), key=self._order.__getitem__
        )
        if len(names) < 2:
            return None
        if len(buckets) > 1:
            return Alike(exercise, Likeness.NEARLY, tuple(names), share)
        same = len(buckets[0].by_code) == 1
        return Alike(exercise, Likeness.SAME if same else Likeness.RENAMED, tuple(names))


def _sketch_of(text: str, stub: frozenset[int]) -> _Sketch | None:
    tokens = _scan(text)
    own = sorted(_shingles(tokens) - stub)
    if len(own) < TELLING:
        return None
    numbers: dict[str, str] = {}
    shape = [
        numbers.setdefault(text, f"\0{len(numbers)}") if shown == _NAME else shown
        for text, shown in tokens
    ]
    return _Sketch(_digest([text for text, _ in tokens]), _digest(shape), array("q", own[:MOST]))


def _digest(words: Sequence[str]) -> bytes:
    return blake2b("\n".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()


# -- tokens ------------------------------------------------------------------------------------

_NAME, _TEXT = "n", "s"


def _scan(source: str) -> list[tuple[str, str]]:
    """Return the tokens of the code: each as it is written, and as it is in the shape."""
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
    """Return the hashes of every `SHINGLE` consecutive tokens, the same in every run."""
    codes = [_code(shape) for _, shape in tokens]
    return set(map(hash, zip(*(codes[start:] for start in range(SHINGLE)), strict=False)))


@lru_cache(maxsize=4096)
def _code(token: str) -> int:
    return crc32(token.encode("utf-8", "surrogatepass"))


# -- pairs -------------------------------------------------------------------------------------


def _linked(buckets: Sequence[_Bucket]) -> Iterator[tuple[list[_Bucket], float]]:
    """Yield groups of buckets that are linked by likeness, each with its weakest link's share."""
    parent = list(range(len(buckets)))
    shares = [1.0] * len(buckets)

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    for one, other, share in _pairs([bucket.shingles for bucket in buckets]):
        a, b = root(one), root(other)
        shares[a] = min(shares[a], shares[b], share)
        parent[b] = a
    groups: dict[int, list[_Bucket]] = {}
    for number, bucket in enumerate(buckets):
        groups.setdefault(root(number), []).append(bucket)
    for number, members in groups.items():
        yield members, shares[number]


def _pairs(files: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, float]]:
    """Yield all alike pairs, by index, with the share of shingles they have in common."""
    counts = Counter(shingle for file in files for shingle in file)
    index: dict[int, list[int]] = {}
    for number, file in enumerate(files):
        rarest = sorted(file, key=lambda shingle: (counts[shingle], shingle))
        # Two files with a Jaccard index of t share ceil(t * n) of n shingles: at least one of these.
        prefix = rarest[: len(file) - ceil(ALIKE * len(file) - 1e-9) + 1]
        candidates = {other for shingle in prefix for other in index.get(shingle, ())}
        own = set(file)
        for other in sorted(candidates):
            if share := _share(own, files[other]):
                yield other, number, share
        for shingle in prefix:
            index.setdefault(shingle, []).append(number)


def _share(one: set[int], other: Sequence[int]) -> float:
    """Return the Jaccard index, or 0 below `ALIKE`."""
    if min(len(one), len(other)) < ALIKE * max(len(one), len(other)):
        return 0.0
    common = len(one.intersection(other))
    index = common / (len(one) + len(other) - common)
    return index if index >= ALIKE else 0.0
