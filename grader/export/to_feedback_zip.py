"""Packs feedback into a zip that Moodle or Brightspace takes back.

Moodle (`mod/assign/feedback/file/importziplib.php`, "Upload multiple feedback files in a zip"): a folder
for each participant, named as in the download, `<anything>_<participant number>_assignsubmission_file`.
Brightspace ("Add Feedback Files"): the folders, or the fronts of the files' names, as in the download.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Self

from grader.class_results import SubmissionResult

__all__ = ["FILE", "FeedbackZip"]

FILE = "feedback.md"
IN_MEMORY = 16 << 20  # bytes; a larger zip grows in an unnamed file
PIECE = 1 << 20  # bytes read at once
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first time that a zip knows: equal feedback, equal bytes


class FeedbackZip:
    """The zip for one platform, "moodle" or "brightspace". Use it as a context manager."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by `__exit__`
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()
        self._file.close()

    def add(self, result: SubmissionResult, text: str) -> bool:
        """Add a submission's feedback. Return False when it came from elsewhere."""
        places = {
            one.folder for one in result.senders if one.platform == self._platform and one.folder
        }
        for place in sorted(places):
            entry = zipfile.ZipInfo(place + FILE, _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            self._zip.writestr(entry, text)
        return bool(places)

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of the zip, to which nothing can be added any more."""
        self._zip.close()
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece
