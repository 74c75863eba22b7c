"""What a person should know of the submissions of a class, in lists for the screen: each fact once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.class_results import Doubt, Unused
from grader.render.words import counted

__all__ = ["Told", "lists_of"]

LOOK = "Look at these: a file may be meant that does not count"
TAKEN = "Counted under another name"
MOST_EACH = 5  # rows of one submission: thousands of files of one must not hide those of others

_Lists = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Told:
    """What the intake says of a submission. note: why there is nothing to grade, or ""."""

    name: str
    note: str
    doubts: Sequence[Doubt]


def lists_of(
    everybody: Iterable[Told],
    ungraded: Collection[tuple[str, str]],
    unused: Iterable[Unused],
) -> _Lists:
    """Return the lists, as headings with rows of names and reasons.

    ungraded: names and reasons, which have a list of their own; what that says is not said again.
    """
    said = dict(ungraded)
    look: list[tuple[str, str]] = []
    taken: list[tuple[str, str]] = []
    nothing: list[tuple[str, str]] = []
    for one in everybody:
        unsaid = (each for each in one.doubts if not _is_said(one.name, each.reason, said))
        look += _few(one.name, [_words(one.name, each) for each in unsaid if not each.sure])
        taken += _few(one.name, [_words(one.name, each) for each in one.doubts if each.sure])
        if one.note and not _is_said(one.name, one.note, said):
            nothing.append((one.name, one.note))
    return [
        (LOOK, look),
        (TAKEN, taken),
        ("Nothing to grade", nothing),
        ("Not used", [(one.path, one.reason) for one in unused]),
    ]


def _few(name: str, rows: Sequence[str]) -> list[tuple[str, str]]:
    """Return the rows of one submission, and how many more there are."""
    more = len(rows) - MOST_EACH
    kept = [*rows[:MOST_EACH], f"and {counted(more, 'more file')}"] if more > 0 else rows
    return [(name, row) for row in kept]


def _is_said(name: str, reason: str, said: Mapping[str, str]) -> bool:
    return reason.rstrip(".") in said.get(name, "")


def _words(name: str, doubt: Doubt) -> str:
    """Return what is to be known, with the file's path unless that is the submission's own name."""
    return doubt.reason if doubt.path == name else f"{doubt.path} {doubt.reason}"
