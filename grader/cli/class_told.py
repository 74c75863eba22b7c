"""What a person should know of the submissions of a class, in lists for the screen: each fact once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.class_results import Doubt, Unused

__all__ = ["Told", "lists_of"]

LOOK = "Look at these: a file may be meant that does not count"
TAKEN = "Counted under another name"

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
    look, taken, nothing = [], [], []
    for one in everybody:
        for doubt in one.doubts:
            if doubt.sure:
                taken.append((one.name, _words(one.name, doubt)))
            elif not _is_said(one.name, doubt.reason, said):
                look.append((one.name, _words(one.name, doubt)))
        if one.note and not _is_said(one.name, one.note, said):
            nothing.append((one.name, one.note))
    return [
        (LOOK, look),
        (TAKEN, taken),
        ("Nothing to grade", nothing),
        ("Not used", [(one.path, one.reason) for one in unused]),
    ]


def _is_said(name: str, reason: str, said: Mapping[str, str]) -> bool:
    return reason.rstrip(".") in said.get(name, "")


def _words(name: str, doubt: Doubt) -> str:
    """Return what is to be known, with the file's path unless that is the submission's own name."""
    return doubt.reason if doubt.path == name else f"{doubt.path} {doubt.reason}"
