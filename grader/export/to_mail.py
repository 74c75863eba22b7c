"""A list for mails with feedback, as CSV: a row for each person. Nothing is sent.

Thunderbird's and Word's mail merges, `mutt` in a loop and most scripts take such a list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.export.to_csv import cell

__all__ = ["HEADERS", "Mail", "to_mail"]

HEADERS = ("address", "username", "name", "subject", "file")


@dataclass(frozen=True)
class Mail:
    """One person's mail. file: the feedback's path, from the folder of the list."""

    address: str
    username: str
    name: str
    subject: str
    file: str


def to_mail(mails: Iterable[Mail]) -> Iterator[str]:
    """Yield the list row by row."""
    yield _line(HEADERS)
    for mail in mails:
        texts = (mail.address, mail.username, mail.name, mail.subject, mail.file)
        yield _line([cell(text) for text in texts])


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
