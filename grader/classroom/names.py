"""The names by which a policy and decisions find a learner: one rule for both."""

from __future__ import annotations

from grader.class_results import SubmissionResult

__all__ = ["OF_NOBODY", "folded", "names_of"]

OF_NOBODY = "no submission has this name, id, login or address: write what gradebook.csv has first"


def folded(text: str) -> str:
    """Return a name as it is compared, whatever its capitals and spaces."""
    return " ".join(text.split()).casefold()


def names_of(one: SubmissionResult) -> frozenset[str]:
    """Return the names of a submission and its senders, folded."""
    of_people = (text for who in one.senders for text in (who.id, who.sid, who.email, who.name))
    return frozenset(folded(text) for text in (one.submission, *of_people)) - {""}
