"""Takes what the learner built along: modules without assignment and demo, with tests and a page each."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path

from grader.cli.exits import NOT_YET
from grader.cli.grading import open_grading
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.cli.writing import write_whole
from grader.course import catalog
from grader.errors import CourseError, UsageError
from grader.practice.taken import taken_along
from grader.results import ExerciseResult, Outcome

__all__ = ["Exported", "declare", "run"]

TEXT = ".txt"
"""The ending of a file that is Python, but none of the project's."""


@dataclass(frozen=True)
class Exported:
    """Result: the files that were written; or which exercises have to pass first."""

    target: Path
    files: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return 0 if self.files else NOT_YET

    def view(self) -> str:
        todo = "".join(f"\n  {one}" for one in self.open)
        if not self.files:
            return f"Nothing was written: what can be taken along does not pass yet.{todo}"
        named = "".join(f"\n  {self.target / name}" for name in self.files)
        later = f"\nThe same command adds what passes later:{todo}" if todo else ""
        tests = f"\nTry it: cd {self.target} && python -m unittest"
        return f"Yours to take along:{named}{tests}{later}"


def declare(parser: Parser) -> None:
    """Declare the folder to write to."""
    parser.take("target", "--from", "--trust-submissions", "--no-fork")


def run(options: Namespace) -> Exported:
    """Grade the exercises that have something to take along, and write those that pass."""
    entries = [entry for entry in catalog.exercises() if entry.takeaway is not None]
    if not entries:
        raise UsageError("This course has nothing that could be taken along.")
    options.seed = None
    with open_grading([entry.id for entry in entries], options) as grading:
        report = replace(grading, reuse=True).run()
        notices = grading.store.notices if grading.store else ()
    files: dict[Path, str] = {}
    todo = []
    for entry, result in zip(entries, report.exercises, strict=True):
        if result.outcome is Outcome.PASSED:
            files |= _files(entry, result)
        else:
            command = invocation(options.folder).command(entry.id.partition("_")[0])
            todo.append(f"{entry.title}: {command}")
    return Exported(options.target, _written(options.target, files), tuple(todo), notices)


def _files(entry: catalog.Entry, result: ExerciseResult) -> dict[Path, str]:
    """Return the text of an exercise's files, by name, with the learner's module first."""
    folder = entry.takeaway
    assert folder is not None
    try:
        about = tomllib.loads((folder / "about.toml").read_text(encoding="utf-8"))
        module = Path(f"{about['module']}.py")
        others = sorted(path for path in folder.iterdir() if path.name != "about.toml")
        texts = {
            Path(path.name.removesuffix(TEXT)): path.read_text(encoding="utf-8") for path in others
        }
        stub = catalog.pristine(entry.id)
        taken = taken_along(result.source, about["functions"], about["about"], stub)
    except (OSError, KeyError, ValueError) as error:
        raise CourseError(f"What goes with {entry.id} cannot be read: {error}.") from error
    readme = {Path(f"{module.stem}.md"): texts.pop(Path("README.md"), "")}
    return {module: taken} | texts | readme


def _written(target: Path, files: dict[Path, str]) -> tuple[str, ...]:
    """Write the files; raises `UsageError`, and writes none, if another file has one of the names."""
    taken = [
        target / name
        for name, text in files.items()
        if (target / name).exists() and _read(target / name) != text
    ]
    if taken:
        names = ", ".join(str(path) for path in taken)
        raise UsageError(f"There is already {names}: nothing was written. Name another folder.")
    for name, text in files.items():
        write_whole(target / name, [text], folders=True)
    return tuple(str(name) for name in files)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
