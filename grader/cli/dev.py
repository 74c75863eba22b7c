"""For authors: begins exercises, proves them, and finds what they can use."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.cli.exits import NOT_YET
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.cli.dev_check import Row

__all__ = ["Checked", "Told", "declare", "run"]


@dataclass(frozen=True)
class Told:
    """Result: lines to show."""

    lines: tuple[str, ...]
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Checked:
    """Result: the rows checked of each exercise, in order."""

    exercises: tuple[tuple[str, list[Row]], ...]
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return NOT_YET if any(row.todo for _, rows in self.exercises for row in rows) else 0

    def view(self) -> RenderableType:
        from grader.render.authors import Proof  # noqa: PLC0415 - Rich comes after grading

        shown = [(name, [(row.says, row.todo) for row in rows]) for name, rows in self.exercises]
        return Proof(shown)


def declare(parser: Parser) -> None:
    """Declare the task, and its exercise or word."""
    parser.add_argument(
        "task",
        choices=["new", "check", "play", "mistakes", "rules", "stubs"],
        help="begin an exercise, prove one or all, print what happens in its checks' scenarios, find "
        "mistakes or rules, store the stubs",
    )
    parser.add_argument(
        "about", nargs="?", default="", metavar="ID|WORD", help="an exercise, or a word to look for"
    )
    parser.add_argument("--like", metavar="ID", default="", help="new: copy this exercise")
    parser.add_argument(
        "--check", metavar="WORD", default="", help="play: the first check with this in its name"
    )
    parser.add_argument(
        "--script", action="store_true", help="play: print what would be played, as JSON"
    )
    parser.add_argument(
        "--file", metavar="FILE", default="", help="play: this file in the place of the reference"
    )


def run(options: Namespace) -> Told | Checked:
    """Run the task. Raises `UsageError` where there are no sources to work on."""
    if catalog.is_installed():
        raise UsageError(
            "`dev` is for authors, and works in a clone of the course: this is the installed package."
        )
    return _TASKS[options.task](options)


def _new(options: Namespace) -> Told:
    from grader.cli.dev_new import write_new  # noqa: PLC0415 - one task of five

    if not options.about:
        raise UsageError("Say what it is to be called: dev new ex20_my_topic.")
    like = catalog.resolve(options.like) if options.like else catalog.exercises()[0]
    root = catalog.find_root()
    files = [path.relative_to(root).as_posix() for path in write_new(options.about, like)]
    onward = (
        f"A copy of {like.id}, ready to be changed. Then: dev stubs, and dev check {options.about}.",
        "docs/authoring.md goes through it step by step.",
    )
    return Told((*files, "", *onward))


def _check(options: Namespace) -> Checked:
    from grader.cli.dev_check import check  # noqa: PLC0415 - likewise

    entries = [catalog.resolve(options.about)] if options.about else catalog.exercises()
    return Checked(tuple((entry.id, check(entry)) for entry in entries))


def _play(options: Namespace) -> Told:
    from grader.cli.dev_play import play, script  # noqa: PLC0415 - likewise

    entry = catalog.resolve(options.about)
    if options.script:
        return Told((script(entry, options.check),))
    return Told(tuple(play(entry, options.check, options.file)))


def _mistakes(options: Namespace) -> Told:
    from grader.cli.dev_find import mistakes  # noqa: PLC0415 - likewise

    return _listed(mistakes(options.about), options.about)


def _rules(options: Namespace) -> Told:
    from grader.cli.dev_find import rules_about  # noqa: PLC0415 - likewise

    return _listed(rules_about(options.about), options.about)


def _listed(found: list[Any], word: str) -> Told:
    lines = [line for one in found for line in (f"{one.name}  ({one.place})", f"    {one.says}")]
    return Told(tuple(lines) or (f"Nothing there speaks of '{word}'.",))


def _stubs(_options: Namespace) -> Told:
    from grader.judge.unjudged import store_checks  # noqa: PLC0415 - likewise
    from grader.render.words import counted  # noqa: PLC0415 - likewise

    stubs = counted(len(catalog.write_pristine()), "stub")
    for entry in catalog.exercises():
        store_checks(entry)
    stored = f"Stored {stubs} with the lists of their checks in grader/course/."
    return Told((f"{stored} Run the tests, then commit the change.",))


_TASKS: dict[str, Callable[[Namespace], Told | Checked]] = {
    "new": _new,
    "check": _check,
    "play": _play,
    "mistakes": _mistakes,
    "rules": _rules,
    "stubs": _stubs,
}
