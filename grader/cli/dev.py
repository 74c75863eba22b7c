"""For authors: stores the stubs as they are handed out."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from grader.cli.options import Parser
from grader.course import catalog
from grader.render.words import counted

__all__ = ["Stored", "declare", "run"]


@dataclass(frozen=True)
class Stored:
    """The files that hold the stubs that were stored."""

    files: tuple[Path, ...]
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        stubs = counted(len(self.files), "stub")
        return f"Stored {stubs} in grader/course/. Run the tests, then commit the change."


def declare(parser: Parser) -> None:
    """What to do, of the one thing that there is to do yet."""
    parser.add_argument("task", choices=["stubs"], help="store the stubs as they are now")


def run(_options: Namespace) -> Stored:
    """Take the files in `exercises/` for what learners get."""
    return Stored(catalog.write_pristine())
