"""Writes the files of a class run: the usual ones, and those the options ask for."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.class_results import ClassReport, SubmissionResult
from grader.classroom.attempts import Learners
from grader.classroom.store import NAME, ClassStore, Run
from grader.cli.class_feedback import Feedback
from grader.cli.class_files import SafeNames, on_disk
from grader.cli.class_fill import Filling, left_behind
from grader.cli.class_people import changed, people, sent_twice
from grader.cli.class_rules import Rules
from grader.cli.class_worksheet import UNKNOWN_TIMES, Worksheet
from grader.cli.formats import Write, handed_in, wanted, writers
from grader.cli.survey import Survey, survey, write_page
from grader.cli.writing import write_whole
from grader.errors import UsageError
from grader.export.cells import Style
from grader.export.joining import Account
from grader.export.to_csv import to_csv
from grader.export.to_json import class_to_json
from grader.export.to_junit import class_to_junit
from grader.export.to_markdown import to_markdown

__all__ = [
    "Written",
    "check_out",
    "learners_in",
    "remove_feedback",
    "ungraded_in",
    "write_all",
]

RESULTS, GRADEBOOK, FEEDBACK, PAGE = "results.json", "gradebook.csv", "feedback", "report.html"

_Writer = Callable[[SubmissionResult, str], str]


@dataclass(frozen=True)
class Written:
    """What was written, for the screen.

    files: paths, each with a description. lists: what was not written, as headings with rows of
    names and reasons. attempts: how many there are, where learners have several.
    """

    files: tuple[tuple[str, str], ...]
    survey: Survey
    lists: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    notices: tuple[str, ...] = ()
    attempts: int = 0


def write_all(
    report: ClassReport,
    options: Namespace,
    fillings: Sequence[Filling],
    *,
    rules: Rules,
    store: ClassStore,
    run: Run,
    worksheet: Worksheet,
    timeless: Sequence[tuple[str, str]] = (),
) -> Written:
    """Write all files, the filled-in ones included, with the points in the end where there are rules.

    worksheet: that of Moodle. timeless: submissions whose time was asked for and is not known.
    """
    out: Path = options.out
    attempts, everything = len(report.submissions), report
    report = _of_learners(everything, rules, store)
    known = rules.learners.known(store.known())
    accounts = [filling.fill(report) for filling in fillings]
    theirs = people(known, accounts, worksheet.outdated)
    rules = rules.among(theirs.named(known))
    finals = rules.finals
    report = theirs.told(_of_learners(everything, rules, store))
    if finals is not None:
        report = changed(report, finals.of)
        accounts = [filling.fill(report) for filling in fillings]
    distinct = changed(report, theirs.distinct)
    style = accounts[0].style if accounts else Style()
    absent = dict.fromkeys(name for account in accounts for name in account.untouched)
    write_whole(
        out / RESULTS, class_to_json(report, not_handed_in=absent), durable=True, folders=True
    )
    write_whole(
        out / GRADEBOOK, to_csv(report, style, final=finals is not None), durable=True, folders=True
    )
    files = [
        (str(out / RESULTS), "every verdict, for programs"),
        (str(out / GRADEBOOK), "the points, a row for each submission"),
    ]
    if options.junit:
        write_whole(options.junit, class_to_junit(report.submissions), durable=True, folders=True)
        files.append((str(options.junit), "every verdict, as JUnit has it"))
    folders = _folders(options)
    with Feedback(options.feedback or (), theirs) as feedback:
        notices = _write_each(report, folders, theirs.distinct, feedback)
        files += [(f"{folder}{os.sep}", "a file for each submission") for folder, _, _ in folders]
        given, left = feedback.write(out)
    files += given
    lists = [*rules.lists(report, store.changes(run)), *left]
    outdated = worksheet.rows(known) if rules.has_deadline else []
    unknown = [*outdated, *timeless] or rules.without_times(theirs.named(known))
    lists.append((UNKNOWN_TIMES, [*dict(unknown).items()]))
    lists.append(("Sent more than once", sent_twice(known)))
    if not store.is_part():  # of which most are in other parts
        lists.append(("Names that several have", rules.of_several()))
        lists.append(("Decided for nobody", rules.of_nobody(theirs.named(known))))
    lists.append(("One attempt only", rules.without_attempts(known)))
    lists.append(("Filled by an earlier run", left_behind(out, fillings)))
    for filling, account in zip(fillings, accounts, strict=True):
        write_whole(out / filling.name, [account.content], durable=True, folders=True)
        files.append((str(out / filling.name), f"your file, {account.column} filled in"))
        lists += _lists_of(filling, account)
    surveyed = survey(distinct)
    try:
        write_page(distinct, surveyed, out / PAGE)
        files.append((str(out / PAGE), "the class at a glance, for a browser"))
    except UsageError as error:  # the other files are written and stand
        notices = (*notices, str(error))
    return Written(
        tuple(files),
        surveyed,
        tuple(lists),
        notices,
        attempts if attempts > len(report.submissions) else 0,
    )


def _lists_of(filling: Filling, account: Account) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield who was not filled into a platform's file, and who has nothing to be filled in."""
    rows = [(left.name, left.reason) for left in account.left]
    yield f"Not filled into {filling.name}", rows
    if account.untouched:
        names = "; ".join(account.untouched)
        yield "Nothing handed in", [(f"{len(account.untouched)} of {filling.name}", names)]


def _of_learners(report: ClassReport, rules: Rules, store: ClassStore) -> ClassReport:
    """Return the report with one submission of each learner, whose attempt was graded or several."""
    submissions = rules.learners.of(
        report.submissions, store.known(), lambda name: store.submission(name, report.exercises)
    )
    return replace(report, submissions=submissions)


def learners_in(store: ClassStore) -> list[str]:
    """Return the names under which everybody in the class is reported."""
    return [one.submission for one in Learners().known(store.known())]


def ungraded_in(
    store: ClassStore, exercises: Sequence[str], written: Written
) -> list[tuple[str, str]]:
    """Return who could not be graded, with the reason; an attempt that does not count is none."""
    found = store.ungraded(exercises=exercises)
    if not written.attempts:
        return found
    reasons = dict(found)
    names = {one.submission for one in written.survey.figures.ungraded}
    return [
        (name, reasons[one.submission])
        for one in store.known()
        if one.submission in reasons
        and (name := one.attempt.learner if one.attempt else one.submission) in names
    ]


def check_out(out: Path) -> None:
    """Create the output folder. Raises `UsageError` if it cannot, or if other results are in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{out} cannot be made ({why}). Name another --out.") from None
    foreign = [out / name for name in (RESULTS, GRADEBOOK, FEEDBACK, PAGE) if (out / name).exists()]
    if foreign and not (out / NAME).exists():
        raise UsageError(
            f"{foreign[0]} is there, but no {NAME} beside it: it is from something else. Name "
            "another --out."
        )


def remove_feedback(options: Namespace, everybody: Iterable[str], gone: Iterable[str]) -> None:
    """Remove the files of submissions that have left the class, from folders with a file for each.

    everybody: the names of the class that these files were written for.
    """
    names = SafeNames()
    files = {name: names.of(name) for name in everybody}
    for folder, ending, _ in _folders(options):
        for name in gone:
            with contextlib.suppress(OSError):
                on_disk(folder / f"{files[name]}{ending}").unlink()


def _folders(options: Namespace) -> list[tuple[Path, str, _Writer]]:
    """Return the folders with a file per submission, each with its suffix and writer; feedback first."""
    folders: list[tuple[Path, str, _Writer]] = [(options.out / FEEDBACK, ".md", _feedback)]
    for name, folder in wanted(options).items():
        if name != "junit":  # one file for the whole class
            folders.append((folder, ".json", partial(_formatted, writers[name])))
    return folders


def _write_each(
    report: ClassReport,
    folders: list[tuple[Path, str, _Writer]],
    distinct: Callable[[SubmissionResult], SubmissionResult],
    feedback: Feedback,
) -> tuple[str, ...]:
    """Write a file per submission into each folder, collect the feedback; return notices.

    An ungraded submission is left out of a format that could only give it a zero.
    """
    names = SafeNames()
    left_out = set()
    for result in report.submissions:
        name, shown = names.of(result.submission), distinct(result)
        for folder, ending, write in folders:
            try:
                text = write(shown, name)
            except ValueError:
                left_out.add(folder)
                continue
            write_whole(on_disk(folder / f"{name}{ending}"), [text], folders=True)
            if write is _feedback:
                feedback.add(result, text, f"{FEEDBACK}/{name}{ending}")
    return tuple(
        f"{folder} lacks who is not graded: that format knows nothing but a zero for it."
        for folder in sorted(left_out)
    )


def _feedback(result: SubmissionResult, _name: str) -> str:
    return to_markdown(result)


def _formatted(write: Write, result: SubmissionResult, name: str) -> str:
    owner = next((one.sid for one in result.senders if one.sid), "")
    remarks = tuple(f"{one.path} {one.reason}." for one in result.doubts if one.sure)
    known = handed_in(name, owner, group=len(result.senders) > 1, remarks=remarks)
    return write(result.exercises, known)
