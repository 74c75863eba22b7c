"""An anonymous example of a mistake: the learner's lines around the guilty one."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.class_results import SubmissionResult
from grader.results import CheckResult, ExerciseResult
from grader.source import lines_of

__all__ = ["AROUND", "Example", "Line", "example_of", "lines_around"]

AROUND = 3  # lines shown before and after the guilty one
LONGEST = 160  # characters shown of one line
HIDDEN = "…"

_STRING_OR_COMMENT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|[ \t]*#.*""")
_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True)
class Line:
    """One line of a file. guilty: the finding is about this line."""

    number: int
    code: str
    guilty: bool = False


@dataclass(frozen=True)
class Example:
    """A finding in one submission and its lines, with nothing that identifies the learner.

    lines: empty if the finding is not about a particular line.
    """

    exercise: str
    lines: tuple[Line, ...]
    message: str


def example_of(submission: SubmissionResult, result: ExerciseResult, check: CheckResult) -> Example:
    """Return a check's finding, with the lines around the guilty one, if there is one.

    Comments are removed, and the senders' names, numbers and addresses are redacted.
    """
    lines = lines_around(result.source, check.line, AROUND)
    redact = _redactor(submission)
    shown = tuple(replace(line, code=redact(_without_comment(line.code))) for line in lines)
    return Example(result.exercise, shown, redact(check.message))


def lines_around(source: str, line: int | None, around: int) -> tuple[Line, ...]:
    """Return line `line` (1-based) with `around` lines on either side; () if there is no such line.

    Common indentation is removed, and long lines are cut.
    """
    lines = lines_of(source)
    if line is None or not 1 <= line <= len(lines):
        return ()
    first = max(1, line - around)
    window = textwrap.dedent("\n".join(lines[first - 1 : line + around])).split("\n")
    return tuple(
        Line(number, _cut(code), number == line) for number, code in enumerate(window, first)
    )


def _without_comment(code: str) -> str:
    return _STRING_OR_COMMENT.sub(lambda found: found[1] or "", code)


def _cut(code: str) -> str:
    return code if len(code) <= LONGEST else code[:LONGEST] + HIDDEN


def _redactor(submission: SubmissionResult) -> _Redactor:
    return _Redactor(frozenset(_identifying_words(submission)))


def _identifying_words(submission: SubmissionResult) -> Iterator[str]:
    """Yield the words, in lower case, that would identify the learner."""
    texts = [text for one in submission.senders for text in (one.name, one.sid, one.email, one.id)]
    for text in texts or [submission.submission]:
        for word in _WORD.findall(text.replace("_", " ")):
            if not (keyword.iskeyword(word) or keyword.iskeyword(word.lower())):
                yield word.casefold()


@dataclass(frozen=True)
class _Redactor:
    """Redacts identifying words in a text."""

    words: frozenset[str]

    def __call__(self, text: str) -> str:
        return _WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        pieces = re.split(r"(_+)", found[0])
        return "".join(HIDDEN if piece.casefold() in self.words else piece for piece in pieces)
