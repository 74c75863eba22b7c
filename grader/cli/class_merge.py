"""Makes one class of parts that were graded apart, as one run over all of them would have written it."""

from __future__ import annotations

import shlex
import time
from argparse import Namespace
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.class_results import ClassReport, Unused
from grader.classroom.keys import course_of
from grader.classroom.merging import Graded, Missing, check_alike, gather, missing, read_parts
from grader.classroom.store import NAME, ClassStore, Run, open_class_store
from grader.cli.class_ import ClassGraded
from grader.cli.class_feedback import check_feedback
from grader.cli.class_fill import Filling, check, check_columns, fillings_for
from grader.cli.class_memory import as_data, completed
from grader.cli.class_output import (
    Written,
    check_out,
    learners_in,
    remove_feedback,
    ungraded_in,
    write_all,
)
from grader.cli.class_rules import Rules, rules_for
from grader.cli.class_told import Told, lists_of
from grader.cli.class_worksheet import Worksheet
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import GraderFault, UsageError
from grader.render.class_progress import duration
from grader.render.class_summary import ClassSummary
from grader.render.words import counted, listed

__all__ = ["declare", "run"]

MADE = "merged"  # among the options of a run: who graded what, and that nothing was added since
_UNFINISHED = f"{NAME}.merging"


def declare(parser: Parser) -> None:
    """Declare the parts, the output folder, and the files that a class can have written."""
    parser.take("parts", "--out")
    parser.take("--gradescope", "--classroom50", "--exercism", metavar="DIR")
    parser.take("--junit", "--canvas", "--canvas-column", "--moodle", "--moodle-column")
    parser.take("--brightspace", "--brightspace-column", "--blackboard", "--blackboard-column")
    parser.take("--overwrite")
    parser.take("--feedback", "--policy", "--overrides")


def run(options: Namespace) -> ClassGraded:
    """Merge the parts; write all files."""
    began = time.monotonic()
    options = Namespace(**vars(options), counted=None, only=True, times=None)
    check_columns(options)
    check_feedback(options.feedback, moodle=options.moodle is not None)
    fillings_for(options)
    parts = _parts(options)
    first = parts[0]
    options, remembered = completed(options, first.run.options, anew=False)
    fillings, notices = fillings_for(options, remembered)
    check(fillings, first.note.exercises)
    rules = rules_for(options, first.run.options, remembered, as_noted=True)
    check_out(options.out)
    before = _names_before(options.out)
    graded_by = [
        {"part": str(one.note.shard), "host": one.note.host, "folder": str(one.folder.absolute())}
        for one in parts
    ]
    worksheet = Worksheet.remembered(one.run.options for one in parts if "moodle" in remembered)
    data = {**as_data(options), **rules.texts, **worksheet.as_data(), MADE: graded_by}
    _make(options.out, parts, data)
    with open_class_store(options.out / NAME) as store:
        this = store.last_run()
        assert this is not None
        gone = set(before) - set(learners_in(store))
        remove_feedback(options, before, sorted(gone))
        one = _Merged(options, parts, store, this, fillings, rules, worksheet)
        return one.written(notices, began)


@dataclass(frozen=True)
class _Merged:
    """Parts in one store."""

    options: Namespace
    parts: Sequence[Graded]
    store: ClassStore
    run: Run
    fillings: tuple[Filling, ...]
    rules: Rules
    worksheet: Worksheet

    def written(self, notices: tuple[str, ...], began: float) -> ClassGraded:
        """Write all files."""
        ids = self.parts[0].note.exercises
        unused = _all(one.note.unused for one in self.parts)
        report = ClassReport(self.run.seed, ids, self.store.everything(ids), unused)
        written = write_all(
            report,
            self.options,
            self.fillings,
            rules=self.rules,
            store=self.store,
            run=self.run,
            worksheet=self.worksheet,
        )
        summary = self._summary(written, unused, duration(time.monotonic() - began))
        return ClassGraded(summary, written, (*written.notices, *self.rules.notices, *notices))

    def _summary(self, written: Written, unused: Collection[Unused], took: str) -> ClassSummary:
        note, figures = self.parts[0].note, written.survey.figures
        numbers = {one.number for one in self.parts}
        out = shlex.quote(str(self.options.out))
        unread = _all(one.note.unreadable for one in self.parts)
        ungraded = ungraded_in(self.store, note.exercises, written)
        told = (Told(one.submission, one.note, one.doubts) for one in self.store.known())
        return ClassSummary(
            seed=self.run.seed,
            total=len(figures.learners),
            attempts=written.attempts,
            reused=0,
            passing=figures.complete,
            took=took,
            ungraded=ungraded,
            changed=(),
            unread=[(one.path, one.reason) for one in unread],
            lists=[
                ("Merged", [(counted(len(numbers), "part"), _hosts(self.parts))]),
                *lists_of(told, ungraded, unused),
                *written.lists,
            ],
            again=invocation().command(f"class --resume --out {out}"),
        )


def _hosts(parts: Sequence[Graded]) -> str:
    return f"graded on {listed(sorted({one.note.host or 'some machine' for one in parts}))}"


def _all(lists: Any) -> tuple[Unused, ...]:
    """Return what any part noted, once."""
    return tuple(dict.fromkeys(one for each in lists for one in each))


def _parts(options: Namespace) -> list[Graded]:
    """Return the parts, in their order. Raises an error when they are no class, or not all of it."""
    folders: list[Path] = list({path.resolve(): path for path in options.parts}.values())
    if not folders:
        raise UsageError("Which parts? Name the --out of each `class ... --shard I/N`.")
    if options.out.resolve() in [path.resolve() for path in folders]:
        raise UsageError(f"--out {options.out} is one of the parts. Put the results elsewhere.")
    found = read_parts(folders)
    empty = [folder for folder, part in found.items() if part is None]
    parts = sorted(
        (part for part in found.values() if part is not None),
        key=lambda one: (one.number, not one.ended, str(one.folder)),
    )
    if not parts:
        raise UsageError(f"Nothing was graded in {empty[0]}: name the --out of each part.")
    check_alike(parts)
    if lacking := missing(parts):
        raise GraderFault(_lacking(parts[0], lacking, empty))
    if empty:
        raise UsageError(f"Nothing was graded in {empty[0]}, and no part is missing: leave it out.")
    _check_version(parts[0])
    return [one for one in parts if one.ended]


def _check_version(part: Graded) -> None:
    """Raise `UsageError` when another version of the course graded the parts than this one."""
    known = {entry.id: entry for entry in catalog.exercises()}
    ids = part.note.exercises
    if not {*ids} <= {*known} or course_of([known[one] for one in ids]) != part.note.course:
        raise UsageError(
            f"{part.folder} was graded by another version of the course than this one. Merge with "
            "that version, or grade all parts anew with this one."
        )


def _lacking(known: Graded, lacking: Sequence[Missing], empty: Sequence[Path]) -> str:
    """Say which parts are missing, and how to grade the first of them."""
    count = known.note.shard.count
    begun = [str(one.folder) for one in lacking if one.folder]
    said = f"Missing of {counted(count, 'part')}: {_ranges([one.number for one in lacking])}."
    if begun:
        said += f" Begun, but not ended: {listed(begun)}."
    if empty:
        said += f" Nothing was graded in {listed([str(path) for path in empty])}."
    return f"{said} Grade each as {_command(known, lacking[0])}, and merge again."


def _ranges(numbers: Sequence[int]) -> str:
    """Write rising numbers as the array of a Slurm job takes them: `3,5-9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, one)) for one in runs)


def _command(known: Graded, lacking: Missing) -> str:
    if lacking.folder:
        return invocation().command(f"class --resume --out {shlex.quote(str(lacking.folder))}")
    shard = f"{lacking.number}/{known.note.shard.count}"
    sources = " ".join(shlex.quote(path) for path in known.run.sources)
    earlier: Mapping[str, Any] = known.run.options
    more = f" --exercises {','.join(earlier['counted'])}" if earlier.get("counted") else ""
    for name in ("policy", "overrides"):
        more += f" --{name} {shlex.quote(earlier[name])}" if earlier.get(name) else ""
    return invocation().command(
        f"class {sources} --out DIR --shard {shard} --seed {known.run.seed}{more}"
    )


def _names_before(out: Path) -> list[str]:
    """Return whom an earlier merge wrote files of. Raises `UsageError` when that is more than a merge."""
    if not (out / NAME).exists():
        return []
    with open_class_store(out / NAME) as store:
        last = store.last_run()
        if last is not None and (MADE not in last.options or store.is_part()):
            raise UsageError(
                f"{out} holds a class that was graded there, not only merged. Name another --out."
            )
        return learners_in(store)


def _make(out: Path, parts: Sequence[Graded], options: Mapping[str, Any]) -> None:
    """Make the store of all parts: whole, or, when something is wrong, not at all."""
    unfinished = out / _UNFINISHED
    leftover = [out / f"{_UNFINISHED}{ending}" for ending in ("", "-wal", "-shm", "-journal")]
    for path in leftover:  # of a merge that was killed
        path.unlink(missing_ok=True)
    try:
        with open_class_store(unfinished) as store:
            gather(parts, store, options)
        unfinished.replace(out / NAME)
    finally:
        for path in leftover:
            path.unlink(missing_ok=True)
