"""Writers of other tools' formats for one submission, by the names of their options."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.export.to_classroom50 import HandedIn, to_classroom50
from grader.export.to_exercism import to_exercism
from grader.export.to_gradescope import to_gradescope
from grader.export.to_junit import to_junit
from grader.results import ExerciseResult

__all__ = ["Write", "handed_in", "wanted", "writers"]

Write = Callable[[Sequence[ExerciseResult], HandedIn], str]

writers: dict[str, Write] = {
    "gradescope": lambda exercises, known: to_gradescope(exercises, known.remarks),
    "classroom50": to_classroom50,
    "exercism": lambda exercises, _: to_exercism(exercises),
    "junit": lambda exercises, _: to_junit(exercises),
}
"""Each returns the text; `ValueError` if the format could only give ungraded work a zero."""


def wanted(options: Namespace) -> dict[str, Path]:
    """Return the formats that the options ask for, each with its path."""
    asked = {name: getattr(options, name) for name in writers}
    return {name: path for name, path in asked.items() if path is not None}


def handed_in(
    name: str, owner: str = "", *, group: bool = False, remarks: tuple[str, ...] = ()
) -> HandedIn:
    """Read a submission's details from Classroom 50's environment; `name` fills the gaps.

    remarks: what the learner should know about the files, a line each.
    """
    say = os.environ.get
    tag = say("SUBMISSION_TAG") or f"submit/{name}"
    kind = say("ASSIGNMENT_TYPE") or ("group" if group else "individual")
    commit = say("COMMIT_URL") or tag
    return HandedIn(
        classroom=say("CLASSROOM") or "class",
        assignment=say("ASSIGNMENT") or "exercises",
        owner=say("OWNER") or say("USERNAME") or owner or name,
        submission=tag,
        commit=commit,
        release=say("RELEASE_URL") or tag,
        review=say("REVIEW_URL") or commit,
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        kind=kind,
        remarks=remarks,
    )
