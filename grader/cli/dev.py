"""For authors: stores the stubs as they are handed out."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from grader import catalog
from grader.cli.options import Parser

__all__ = ["Stored", "declare", "run"]


@dataclass(frozen=True)
class Stored:
    """The stubs that were stored, and the file that holds them."""

    file: Path
    exercises: tuple[str, ...]
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        count = len(self.exercises)
        return f"Stored {count} stubs in {self.file.name}. Run the tests, then commit it."


def declare(parser: Parser) -> None:
    """What to do, of the one thing that there is to do yet."""
    parser.add_argument("task", choices=["stubs"], help="store the stubs as they are now")


def run(_options: Namespace) -> Stored:
    """Take the files in `exercises/` for what learners get."""
    file = catalog.write_pristine()
    return Stored(file, tuple(entry.id for entry in catalog.exercises()))
