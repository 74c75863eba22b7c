"""The names by which a policy and decisions find a learner: one rule for both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from grader.class_results import SubmissionResult

__all__ = ["OF_NOBODY", "folded", "holders", "names_of"]

OF_NOBODY = "no submission has this name, id, login or address: write what gradebook.csv has first"


def folded(text: str) -> str:
    """Return a name as it is compared, whatever its capitals, spaces and the encoding of its accents."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def names_of(one: SubmissionResult) -> frozenset[str]:
    """Return the names of a submission and its senders, folded."""
    of_people = (text for who in one.senders for text in (who.id, who.sid, who.email, who.name))
    return frozenset(folded(text) for text in (one.submission, *of_people)) - {""}


def holders(everybody: Iterable[SubmissionResult]) -> Mapping[str, Sequence[str]]:
    """Return the submissions that have each name, by their own names; a learner's attempts are one."""
    found: dict[str, dict[str, None]] = {}
    for one in everybody:
        for name in names_of(one):
            found.setdefault(name, {})[one.submission] = None
    return {name: tuple(theirs) for name, theirs in found.items()}
