"""Gives feedback back: a platform's own zip, a column of comments, a list for mails."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from grader.class_results import SubmissionResult
from grader.cli.class_people import People
from grader.cli.writing import write_whole
from grader.errors import UsageError
from grader.export.to_feedback_zip import FeedbackZip
from grader.export.to_mail import Mail, to_mail

__all__ = ["COMMENTS", "WAYS", "Feedback", "check_feedback"]

COMMENTS = "moodle-comments"
MAIL = "mail"
ZIPS = {"moodle": "Moodle", "brightspace": "Brightspace"}
WAYS = (*ZIPS, COMMENTS, MAIL)
SUBJECT = "Feedback on backpressure and retries"
MAILS = "feedback-mail.csv"
NOT_YET = "is not graded yet: no feedback to give"

_Lists = tuple[tuple[str, list[tuple[str, str]]], ...]


def check_feedback(ways: Collection[str] | None, *, moodle: bool) -> None:
    """Raise `UsageError` for a way that does not exist, or needs the worksheet of Moodle."""
    for way in ways or ():
        if way not in WAYS:
            raise UsageError(f"--feedback takes {', '.join(WAYS)}, not '{way}'.")
        if way == COMMENTS and not moodle:
            raise UsageError(
                f"--feedback {COMMENTS} fills in which worksheet? Name it with --moodle."
            )


class Feedback:
    """Collects the feedback of a class, one submission at a time, and writes it as asked.

    ways: of `WAYS`. Use it as a context manager.
    """

    def __init__(self, ways: Sequence[str], people: People) -> None:
        self._people = people
        self._resources = ExitStack()
        self._zips = {
            way: self._resources.enter_context(FeedbackZip(way)) for way in ways if way in ZIPS
        }
        self._mails: list[Mail] | None = [] if MAIL in ways else None
        self._left: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._resources.close()

    def add(self, result: SubmissionResult, text: str, file: str) -> None:
        """Add a submission's feedback. file: its path, from the folder of the results."""
        ungraded = result.ungraded if result.final is None else result.final.score is None
        for way, packed in self._zips.items():
            if ungraded:
                self._left[_zip_name(way)].append((result.submission, NOT_YET))
            elif not packed.add(result, text):
                reason = f"did not come from a download of {ZIPS[way]}"
                self._left[_zip_name(way)].append((result.submission, reason))
        if self._mails is not None and ungraded:
            self._left[MAILS].append((result.submission, NOT_YET))
        elif self._mails is not None:
            self._mails += self._mails_to(result, file)

    def _mails_to(self, result: SubmissionResult, file: str) -> Iterator[Mail]:
        contact = self._people.contact(result)
        for one in result.senders:
            address, username = one.email or contact.address, one.sid or contact.username
            if not address and not username:
                reason = f"no address or user name of {one.name or 'theirs'} is known"
                self._left[MAILS].append((result.submission, reason))
            yield Mail(address, username, one.name, SUBJECT, file)

    def write(self, out: Path) -> tuple[list[tuple[str, str]], _Lists]:
        """Write what was collected into a folder; return the files, and who is in which of them not."""
        files = []
        for way, packed in self._zips.items():
            path = out / _zip_name(way)
            write_whole(path, packed.pieces())
            files.append((str(path), f"the feedback, for {ZIPS[way]} to take back"))
        if self._mails is not None:
            write_whole(out / MAILS, to_mail(self._mails))
            files.append((str(out / MAILS), "whom to send which feedback; nothing is sent"))
        return files, tuple((f"Left to you in {name}", rows) for name, rows in self._left.items())


def _zip_name(way: str) -> str:
    return f"feedback-{way}.zip"
