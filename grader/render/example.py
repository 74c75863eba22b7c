"""An anonymous example of a mistake: a learner's own lines around the guilty one."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.class_results import SubmissionResult
from grader.results import CheckResult, ExerciseResult

__all__ = ["AROUND", "Example", "Line", "example_of", "lines_around"]

AROUND = 3  # lines shown before and after the guilty one
LONGEST = 160  # characters shown of one line
HIDDEN = "…"

_STRING_OR_COMMENT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|[ \t]*#.*""")
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True)
class Line:
    """One line of a file; `guilty` marks the one that the finding is about."""

    number: int
    code: str
    guilty: bool = False


@dataclass(frozen=True)
class Example:
    """What was found in one submission, and its lines there; nothing in it says whose it is.

    There are no lines where a finding is about none in particular.
    """

    exercise: str
    lines: tuple[Line, ...]
    message: str


def example_of(submission: SubmissionResult, result: ExerciseResult, check: CheckResult) -> Example:
    """A finding, and the lines around the one that a check found guilty, if it names one.

    Comments are left out, and the sender's names, numbers and addresses are blotted out.
    """
    lines = lines_around(result.source, check.line, AROUND)
    blot = _blotter(submission)
    shown = tuple(replace(line, code=blot(_without_comment(line.code))) for line in lines)
    return Example(result.exercise, shown, blot(check.message))


def lines_around(source: str, line: int | None, around: int) -> tuple[Line, ...]:
    """Line `line` (1-based) with `around` lines on either side; nothing where there is none.

    What all of them are indented by is left out, and long lines are cut.
    """
    lines = _lines(source)
    if line is None or not 1 <= line <= len(lines):
        return ()
    first = max(1, line - around)
    window = textwrap.dedent("\n".join(lines[first - 1 : line + around])).split("\n")
    return tuple(
        Line(number, _cut(code), number == line) for number, code in enumerate(window, first)
    )


def _lines(source: str) -> list[str]:
    """The lines as Python counts them, which `str.splitlines` does not."""
    ends = source.replace("\r\n", "\n").replace("\r", "\n")
    return ends.removesuffix("\n").split("\n") if ends else []


def _without_comment(code: str) -> str:
    return _STRING_OR_COMMENT.sub(lambda found: found[1] or "", code)


def _cut(code: str) -> str:
    return code if len(code) <= LONGEST else code[:LONGEST] + HIDDEN


def _blotter(submission: SubmissionResult) -> _Blotter:
    return _Blotter(frozenset(_telltales(submission)))


def _telltales(submission: SubmissionResult) -> Iterator[str]:
    """The words, in small letters, that would say whose it is."""
    texts = [text for one in submission.senders for text in (one.name, one.sid, one.email, one.id)]
    for text in texts or [submission.submission]:
        for word in _WORD.findall(text.replace("_", " ")):
            if not (keyword.iskeyword(word) or keyword.iskeyword(word.lower())):
                yield word.casefold()


@dataclass(frozen=True)
class _Blotter:
    """Blots telltale words out of a text."""

    words: frozenset[str]

    def __call__(self, text: str) -> str:
        return _WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        pieces = re.split(r"(_+)", found[0])
        return "".join(HIDDEN if piece.casefold() in self.words else piece for piece in pieces)
