"""Every argument and option of the command line, declared once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from grader.errors import UsageError

__all__ = ["Parser"]

_DECLARED: dict[str, dict[str, Any]] = {
    "exercises": {"nargs": "*", "metavar": "EXERCISE", "help": "id, number, or part of the id"},
    "exercise": {"metavar": "EXERCISE", "help": "id, number, or part of the id"},
    "--from": {
        "dest": "folder",
        "type": Path,
        "metavar": "DIR",
        "help": "where the modules are (default: exercises/)",
    },
    "--json": {
        "metavar": "FILE",
        "help": "write the verdicts to a file, too ('-': to standard output, and nothing else)",
    },
    "--seed": {
        "type": int,
        "metavar": "N",
        "help": "draw the same random inputs as a run that showed this seed",
    },
    "--svg": {
        "type": Path,
        "metavar": "FILE",
        "help": "write it to a file as an SVG picture, too",
    },
    "--html": {
        "type": Path,
        "metavar": "FILE",
        "help": "write it to a file as a page, too: one file, no network",
    },
    "check": {
        "metavar": "CHECK",
        "nargs": "?",
        "help": "its number in the list, its name, or part of either name or title",
    },
    "--all": {"action": "store_true", "help": "show the details of every exercise"},
    "--spoil": {"action": "store_true", "help": "show it although the exercise does not pass yet"},
    "--no-fork": {
        "dest": "fork",
        "action": "store_false",
        "help": "start a fresh Python for each process, which is slower",
    },
}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors of ours: one line, caught in one place."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)

    def take(self, *names: str, **changes: Any) -> None:
        """Accept the options of these names, with `changes` to how they were declared."""
        for name in names:
            self.add_argument(name, **(_DECLARED[name] | changes))

    def error(self, message: str) -> NoReturn:
        """Raise what `argparse` would print before it exits."""
        what = message[:1].upper() + message[1:]
        raise UsageError(f"{what}. See: {self.prog} --help")
