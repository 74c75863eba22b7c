"""The commands by name, and their overview in `--help`.

A command is a line here and a module of its name, imported only when the command is typed.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grader.cli.options import Parser

if TYPE_CHECKING:
    from rich.console import RenderableType

from grader.course import catalog

__all__ = ["COMMANDS", "DEFAULT", "VARIANTS", "Command", "Result", "overview"]


class Result(Protocol):
    """A command's result, as frozen data.

    view: what to show on standard output, plain text or a Rich renderable. notices: lines for
    standard error.
    """

    @property
    def exit_code(self) -> int: ...

    @property
    def notices(self) -> tuple[str, ...]: ...

    def view(self) -> RenderableType: ...


class Command(Protocol):
    """Interface of a command's module."""

    def declare(self, parser: Parser) -> None:
        """Declare the command's arguments and options."""

    def run(self, options: Namespace) -> Result:
        """Run the command and return its result, which the caller shows."""


@dataclass(frozen=True)
class Summary:
    """A command's entry in the overview: its arguments, and what it does.

    module: the module's name, if the command's is a Python keyword.
    """

    arguments: str
    help: str
    module: str = ""


DEFAULT = "grade"

COMMANDS = {
    "grade": Summary("[EXERCISE ...]", "Grades the named exercises, or all of them."),
    "lesson": Summary("[EXERCISE]", "Shows a page to read: the idea, an example, a picture."),
    "hint": Summary("[EXERCISE]", "Gives one hint more, for the check that fails now."),
    "watch": Summary("[EXERCISE]", "Grades again whenever you save, and answers keys."),
    "predict": Summary("EXERCISE", "Asks what your code will do, then shows what it does."),
    "timeline": Summary("EXERCISE [CHECK]", "Draws what happened, over virtual time."),
    "list": Summary("", "Lists the exercises, and how far each is."),
    "reset": Summary("EXERCISE", "Puts the stub back, and keeps your version as a backup."),
    "solution": Summary("EXERCISE", "After a pass: the reference, beside yours."),
    "certificate": Summary("", "Says what you can do now, for each part that is done."),
    "export": Summary("DIR", "Takes what you built along, as modules with tests."),
    "init": Summary("[DIR]", "Starts a course folder, where the package is installed."),
    "update": Summary("", "Brings a newer version of the course into your folder."),
    "doctor": Summary("", "Says what works on this machine, and what does not."),
    "class": Summary("SUBMISSIONS ...", "For instructors: grades many submissions.", "class_"),
    "dev": Summary("TASK", "For authors: begins, proves and stores exercises."),
}

VARIANTS = {
    "class merge": Summary("DIR ...", "Makes one class of parts graded apart.", "class_merge"),
}
"""Commands of two words."""

_OVERVIEW = """\
usage: {program} [COMMAND] [...]

Grades the exercises of this course by what your code does.

commands ({default}, when none is named):
{commands}

An exercise is named by its id ({id}), its number ({number} or {short}), or any part of
the id that no other has.

examples:
  {program} {short} --all           grade one exercise, with all its details
  {program} hint {short}            one hint more
  {program} COMMAND --help      the options of a command

exit codes:
   0  everything graded passed
  10  something does not pass yet
   2  the command was not usable; the line on standard error says why
   3  the grader could not grade: never your fault"""


def overview(program: str) -> str:
    """Return the help text of the whole program."""
    rows = [
        (f"{name} {entry.arguments}", entry.help)
        for one in COMMANDS
        for name, entry in (COMMANDS | VARIANTS).items()
        if one in (name, name.partition(" ")[0])
    ]
    widest = max(len(typed) for typed, _ in rows)
    commands = "\n".join(f"  {typed:<{widest}}  {text}" for typed, text in rows)
    ids = [entry.id for entry in catalog.exercises()]
    exercise = ids[min(1, len(ids) - 1)]
    short = exercise.partition("_")[0]
    return _OVERVIEW.format(
        program=program,
        default=DEFAULT,
        commands=commands,
        id=exercise,
        short=short,
        number=short.removeprefix("ex"),
    )
