"""Starts a course folder from the installed package."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from grader.cli.installed import installed_version
from grader.cli.invocation import DISTRIBUTION, invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import UsageError
from grader.folder.starting import start_folder
from grader.render.invocation import Invocation

__all__ = ["Started", "declare", "run"]

WIDEST = 48  # columns; a command that runs a wheel by its path may be much wider


@dataclass(frozen=True)
class Started:
    """Result: the folder that was started."""

    folder: Path
    invocation: Invocation
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        first = catalog.exercises()[0]
        rows = [
            *([("cd " + os.path.relpath(self.folder), "")] if not _is_here(self.folder) else []),
            (self.invocation.command("watch"), "then edit and save; it answers"),
            (f"open exercises/{first.id}.py", "in your editor: its first lines are the assignment"),
        ]
        widest = min(max(len(typed) for typed, _ in rows), WIDEST)
        steps = "\n".join(f"  {typed:<{widest}}  {why}".rstrip() for typed, why in rows)
        count = len(catalog.exercises())
        return f"{count} exercises are in {self.folder}.\n\nNow:\n\n{steps}"


def declare(parser: Parser) -> None:
    """Declare the folder."""
    parser.take("dir")


def run(options: Namespace) -> Started:
    """Write the folder. Raises `UsageError` in a clone, and if something is in the way."""
    if not catalog.is_installed():
        raise UsageError(
            "This is a clone of the course, and its exercises/ is where you work: nothing to start."
        )
    try:
        folder = (options.dir or _usual()).absolute()
    except OSError as error:  # the current folder has been deleted, or must not be read
        why = error.strerror or error
        raise UsageError(f"The current folder cannot be used ({why}). Go to another one.") from None
    start_folder(folder, installed_version())
    return Started(folder, invocation())


def _usual() -> Path:
    """Return the current folder if it is empty, else one in it that is named like the course."""
    here = Path.cwd()
    if home := catalog.home_above():
        raise UsageError(
            f"You are in a course folder already: {home}. To start another, name it: init DIR."
        )
    # An empty home of a user is no folder that was made for this.
    empty = here != Path.home() and not any(here.iterdir())
    return here if empty else here / DISTRIBUTION


def _is_here(folder: Path) -> bool:
    return folder.resolve() == Path.cwd().resolve()
