"""Writes the files that were asked for, or says why not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from grader.errors import UsageError
from grader.files import replace_file

__all__ = ["replace_file", "write_whole"]


def write_whole(
    file: Path, pieces: Iterable[str | bytes], *, durable: bool = False, folders: bool = False
) -> None:
    """As `replace_file`, for a file that was asked for: raises `UsageError` if it cannot be written."""
    try:
        replace_file(file, pieces, durable=durable, folders=folders)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"{file} cannot be written ({why}). Name another place, or mend that and run it again."
        ) from None
