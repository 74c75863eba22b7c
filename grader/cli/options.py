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
    "page": {
        "metavar": "EXERCISE",
        "nargs": "?",
        "help": "an exercise, or a page of its own: start, glossary (default: the next exercise)",
    },
    "dir": {
        "nargs": "?",
        "type": Path,
        "metavar": "DIR",
        "help": "the new folder (default: here, if it is empty, else one named like the course)",
    },
    "--dry-run": {"action": "store_true", "help": "say what would be done, and do nothing"},
    "--undo": {"action": "store_true", "help": "take the last update back"},
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
    "--before": {
        "action": "store_true",
        "help": "draw the scenario that failed last, with the code of then and with yours now",
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
    "target": {
        "type": Path,
        "metavar": "DIR",
        "help": "a new folder, or one without files of these names",
    },
    "--problems": {
        "action": "store_true",
        "help": "print only `path:line: what is wrong`, a line each, for an editor to read",
    },
    "--fresh": {
        "action": "store_true",
        "help": "run again what has passed and has not changed since, too",
    },
    "--name": {"metavar": "NAME", "help": "whose it is, to be written on it (default: nobody)"},
    "--spoil": {"action": "store_true", "help": "show it although the exercise does not pass yet"},
    "--gradescope": {
        "type": Path,
        "metavar": "FILE",
        "help": "write the verdicts as Gradescope's results.json, too",
    },
    "--classroom50": {
        "type": Path,
        "metavar": "FILE",
        "help": "write the verdicts as Classroom 50's result.json, too",
    },
    "--exercism": {
        "type": Path,
        "metavar": "FILE",
        "help": "write the verdicts as Exercism's results.json (version 3), too",
    },
    "--junit": {
        "type": Path,
        "metavar": "FILE",
        "help": "write the verdicts as JUnit XML, too",
    },
    "submissions": {
        "nargs": "*",
        "type": Path,
        "metavar": "SUBMISSIONS",
        "help": "a folder with an entry for each submission, or a download of a learning platform",
    },
    "--out": {
        "required": True,
        "type": Path,
        "metavar": "DIR",
        "help": "where the results go, and what a later run goes on from",
    },
    "--jobs": {
        "type": int,
        "metavar": "N",
        "help": "grade so many submissions at once (default: one for each core)",
    },
    "--resume": {
        "action": "store_true",
        "help": "go on with the run in DIR, with its submissions and its seed",
    },
    "--trust-submissions": {
        "dest": "trust",
        "action": "store_true",
        "help": "run the modules of --from DIR without isolation, as you run your own",
    },
    "--canvas": {
        "type": Path,
        "metavar": "EXPORT",
        "help": "fill in a copy of the gradebook that Canvas exported",
    },
    "--moodle": {
        "type": Path,
        "metavar": "WORKSHEET",
        "help": "fill in a copy of the grading worksheet that Moodle exported",
    },
    "--exercises": {
        "dest": "counted",
        "type": lambda text: [name for name in text.split(",") if name.strip()],
        "metavar": "EX1,EX3",
        "help": "what counts: exercises or parts of the course (default: what anybody handed in)",
    },
    "--brightspace": {
        "type": Path,
        "metavar": "EXPORT",
        "help": "fill in a copy of the grades that Brightspace exported",
    },
    "--canvas-column": {
        "action": "append",
        "metavar": "NAME",
        "help": "the assignment to fill in, by title or number; ex1=NAME for one exercise's points, "
        "total=NAME for all that counts (default: what NAME says); may be repeated",
    },
    "--moodle-column": {
        "action": "append",
        "metavar": "NAME",
        "help": "the worksheet's column to fill in, likewise",
    },
    "--brightspace-column": {
        "action": "append",
        "metavar": "NAME",
        "help": "the grade item to fill in, likewise",
    },
    "--blackboard": {
        "type": Path,
        "metavar": "DOWNLOAD",
        "help": "fill in a copy of the gradebook that Blackboard gave for working offline",
    },
    "--blackboard-column": {
        "action": "append",
        "metavar": "NAME",
        "help": "the column to fill in, by title or number, likewise",
    },
    "--overwrite": {
        "action": "store_true",
        "help": "replace grades that these files hold already (default: they are kept, and listed)",
    },
    "--feedback": {
        "type": lambda text: [way.strip() for way in text.split(",") if way.strip()],
        "metavar": "WAYS",
        "help": "how learners get their feedback: moodle, brightspace (a zip that it takes back), "
        "moodle-comments (in the worksheet), mail (a list; nothing is sent); several with commas",
    },
    "--policy": {
        "type": Path,
        "metavar": "FILE",
        "help": "deadline, extensions, what late work costs, weights: a TOML file (docs/instructors.md)",
    },
    "--overrides": {
        "type": Path,
        "metavar": "FILE",
        "help": "what a person decided: a CSV of submission,exercise,points,comment",
    },
    "--times": {
        "metavar": "FILE",
        "help": "when each was sent: a CSV of submission,time, or 'git' for the last commits of clones",
    },
    "--only-these": {
        "dest": "only",
        "action": "store_true",
        "help": "the class is what is given now; submissions of earlier runs leave it",
    },
    "--shard": {
        "metavar": "I/N",
        "help": "grade part I of N only, as one of many machines; `class merge` makes one of all parts "
        "(docs/many-machines.md)",
    },
    "--dask": {
        "metavar": "ADDRESS",
        "help": "grade on the workers of a dask.distributed cluster, by its scheduler's address; `local` "
        "starts one here (docs/many-machines.md)",
    },
    "parts": {
        "nargs": "*",
        "type": Path,
        "metavar": "DIR",
        "help": "the folders of the parts: the --out of each `class ... --shard I/N`",
    },
    "--weather": {
        "type": Path,
        "metavar": "FILE",
        "help": "judge it in the weather of a TOML file instead (the capstone; see docs/weathers)",
    },
    "--no-fork": {
        "dest": "fork",
        "action": "store_false",
        "help": "start a fresh Python for each process, which is slower",
    },
}


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError`, which is shown in one line, instead of exiting."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)

    def take(self, *names: str, **changes: Any) -> None:
        """Add the named options, with `changes` to their declaration."""
        for name in names:
            self.add_argument(name, **(_DECLARED[name] | changes))

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with the message that `argparse` would print."""
        what = message[:1].upper() + message[1:]
        raise UsageError(f"{what}. See: {self.prog} --help")
