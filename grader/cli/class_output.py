"""Writes the files of a class run: those of every run, and those that were asked for."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.cli.class_files import SafeNames, write_whole
from grader.cli.class_fill import Filling
from grader.export.to_classroom50 import HandedIn, to_classroom50
from grader.export.to_csv import to_csv
from grader.export.to_exercism import to_exercism
from grader.export.to_gradescope import to_gradescope
from grader.export.to_json import class_to_json
from grader.export.to_junit import class_to_junit
from grader.export.to_markdown import to_markdown
from grader.results import ClassReport, SubmissionResult

__all__ = ["FEEDBACK", "GRADEBOOK", "RESULTS", "Written", "write_all"]

RESULTS, GRADEBOOK, FEEDBACK = "results.json", "gradebook.csv", "feedback"

_Writer = Callable[[SubmissionResult, str], str]


@dataclass(frozen=True)
class Written:
    """What was written. `lists` are headings, and rows of names and reasons, of what was not."""

    files: tuple[str, ...]
    lists: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    notices: tuple[str, ...] = ()


def write_all(report: ClassReport, options: Namespace, fillings: Sequence[Filling]) -> Written:
    """Write all files, those that others fill in too."""
    out: Path = options.out
    write_whole(out / RESULTS, class_to_json(report))
    write_whole(out / GRADEBOOK, to_csv(report))
    files = [str(out / RESULTS), str(out / GRADEBOOK)]
    if options.junit:
        write_whole(options.junit, class_to_junit(report.submissions))
        files.append(str(options.junit))
    folders = _folders(options)
    notices = _write_each(report, folders)
    files += [f"{folder}{os.sep}" for folder, _, _ in folders]
    lists = []
    for filling in fillings:
        account = filling.fill(report)
        write_whole(out / filling.name, [account.content])
        files.append(str(out / filling.name))
        rows = [(left.name, left.reason) for left in account.left]
        lists.append((f"Not filled into {filling.name}", rows))
    return Written(tuple(files), tuple(lists), notices)


def _folders(options: Namespace) -> list[tuple[Path, str, _Writer]]:
    """The folders with a file for each submission, the ending, and what writes one."""
    formats: list[tuple[Path | None, str, _Writer]] = [
        (options.out / FEEDBACK, ".md", _feedback),
        (options.gradescope, ".json", _gradescope),
        (options.classroom50, ".json", _classroom50),
        (options.exercism, ".json", _exercism),
    ]
    return [(folder, ending, write) for folder, ending, write in formats if folder is not None]


def _write_each(report: ClassReport, folders: list[tuple[Path, str, _Writer]]) -> tuple[str, ...]:
    """Write a file per submission into each folder; an ungraded one is left out, never a zero."""
    names = SafeNames()
    left_out = set()
    for result in report.submissions:
        name = names.of(result.submission)
        for folder, ending, write in folders:
            try:
                text = write(result, name)
            except ValueError:
                left_out.add(folder)
                continue
            write_whole(folder / f"{name}{ending}", [text], durable=False)
    return tuple(
        f"{folder} lacks who is not graded: that format knows nothing but a zero for it."
        for folder in sorted(left_out)
    )


def _feedback(result: SubmissionResult, _name: str) -> str:
    return to_markdown(result)


def _gradescope(result: SubmissionResult, _name: str) -> str:
    return to_gradescope(result.exercises)


def _exercism(result: SubmissionResult, _name: str) -> str:
    return to_exercism(result.exercises)


def _classroom50(result: SubmissionResult, name: str) -> str:
    """Where the runner of Classroom 50 does not say it, a submission stands for its addresses."""
    tag = f"submit/{name}"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    classroom = os.environ.get("CLASSROOM") or "class"
    assignment = os.environ.get("ASSIGNMENT") or "exercises"
    kind = "group" if len(result.senders) > 1 else "individual"
    owner = next((one.sid for one in result.senders if one.sid), name)
    handed_in = HandedIn(classroom, assignment, owner, tag, tag, tag, tag, now, kind)
    return to_classroom50(result.exercises, handed_in)
