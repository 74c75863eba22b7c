"""Writes the files that were asked for, or says why not."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

from grader.errors import GraderFault, UsageError
from grader.files import replace_file

__all__ = ["replace_file", "write_whole"]

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def write_whole(
    file: Path, pieces: Iterable[str | bytes], *, durable: bool = False, folders: bool = False
) -> None:
    """As `replace_file`, for a file that was asked for.

    Raises `UsageError` if it cannot be written, and `GraderFault` if the disk has no room for it.
    """
    try:
        replace_file(file, pieces, durable=durable, folders=folders)
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in _NO_ROOM:
            raise GraderFault(f"{file} cannot be written ({why}): make room on the disk.") from None
        raise UsageError(
            f"{file} cannot be written ({why}). Name another place, or mend that and run it again."
        ) from None
