"""Writes files whole: a reader sees the old text or the new one, and never half of it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable
from pathlib import Path

from grader.errors import GraderFault, UsageError

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


def replace_file(
    file: Path, pieces: Iterable[str | bytes], *, durable: bool = False, folders: bool = False
) -> None:
    """Write a file atomically; a device or a pipe is written to.

    pieces: text is encoded as UTF-8. durable: wait until the file is on the disk.
    folders: create those that are missing.
    Raises `OSError` if it cannot be written; an older file stays unchanged.
    """
    if file.exists() and not file.is_file():
        with file.open("wb") as opened:
            opened.writelines(map(_bytes, pieces))
        return
    if folders:
        file.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: the next run overwrites what a killed run has left. Made anew, so that no link
    # which somebody has put there is followed.
    part = file.with_name(f".{file.name[:100]}.part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as opened:
            opened.writelines(map(_bytes, pieces))
            if durable:
                opened.flush()
                os.fsync(opened.fileno())
        part.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _bytes(piece: str | bytes) -> bytes:
    return piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else piece
