"""The grader's command line, with a plain reader of folders in place of the intake."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.cli import main
from grader.errors import UsageError
from grader.results import Sender, Unused

__all__ = ["Entry", "OnDisk", "Taken", "take_in"]


@dataclass(frozen=True)
class OnDisk:
    """A file that was handed in."""

    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Entry:
    """A submission."""

    name: str
    files: Mapping[str, OnDisk] = field(default_factory=dict)
    senders: tuple[Sender, ...] = ()
    late: bool = False
    unused: tuple[Unused, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Taken:
    """A class."""

    entries: tuple[Entry, ...]
    unused: tuple[Unused, ...] = ()


def take_in(paths: Iterable[Path], exercises: Iterable[str], **_options: Any) -> Taken:
    """A submission for each folder in the folders."""
    ids = list(exercises)
    found = []
    for path in paths:
        if not path.is_dir():
            raise UsageError(f"There is no folder {path}.")
        for folder in sorted(path.iterdir()):
            files = {one: OnDisk(folder / f"{one}.py") for one in ids}
            files = {one: file for one, file in files.items() if file.path.exists()}
            found.append(Entry(folder.name, files))
    return Taken(tuple(found))


if __name__ == "__main__":
    stand_in = ModuleType("grader.intake")
    stand_in.take_in = take_in  # type: ignore[attr-defined]
    sys.modules["grader.intake"] = stand_in
    sys.exit(main(sys.argv[1:]))
