"""Grades many submissions and writes the instructor's files."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group

from grader.class_results import ClassReport
from grader.classroom.keys import Keys
from grader.classroom.run import Plan, grade_class, make_plan
from grader.classroom.store import NAME, ClassStore, Run, open_class_store
from grader.classroom.submission import telling
from grader.cli.class_dask import Machines, machines_for
from grader.cli.class_fill import Filling, check, check_columns, fillings_for
from grader.cli.class_live import watching
from grader.cli.class_memory import as_data, completed
from grader.cli.class_output import Written, check_out, remove_feedback, write_all
from grader.cli.class_parts import PartOf, check_shard, part_here
from grader.cli.class_rules import Rules, rules_for
from grader.cli.grading import fresh_seed
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.cli.screen import show
from grader.cli.survey import view as survey_view
from grader.course import catalog
from grader.errors import GraderFault, UsageError
from grader.intake import Intake, take_in
from grader.render.class_progress import duration
from grader.render.class_start import ClassStart
from grader.render.class_summary import ClassSummary, Regraded
from grader.render.layout import GAP
from grader.render.words import counted, listed, short

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["LOOK", "TAKEN", "ClassGraded", "Stopped", "declare", "run"]

LOOK = "Look at these: a file may be meant that does not count"
TAKEN = "Counted under another name"
SOME_UNGRADED = 3
INTERRUPTED = 130


@dataclass(frozen=True)
class ClassGraded:
    """Result of a class run: its summary, and what was written."""

    summary: ClassSummary
    written: Written
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return SOME_UNGRADED if self.summary.ungraded or self.summary.unread else 0

    def view(self) -> RenderableType:
        return Group(GAP, self.summary, GAP, survey_view(self.written.survey, self.written.files))


@dataclass(frozen=True)
class Stopped:
    """Result of a run stopped by Ctrl-C. again: the command that resumes it."""

    again: str
    notices: tuple[str, ...] = ()
    exit_code: int = INTERRUPTED

    def view(self) -> str:
        return f"Stopped. Everything graded so far is kept. Go on with:\n  {self.again}"


def declare(parser: Parser) -> None:
    """Declare the submissions, the output folder, and the files to write besides the usual ones."""
    parser.take("submissions", "--out", "--jobs", "--seed", "--resume")
    parser.take(
        "--trust-submissions",
        help="grade even where this system cannot isolate what is handed in",
    )
    parser.take("--gradescope", "--classroom50", "--exercism", metavar="DIR")
    parser.take("--exercises", "--only-these", "--shard", "--junit")
    parser.take("--canvas", "--canvas-column", "--moodle", "--moodle-column")
    parser.take("--brightspace", "--brightspace-column", "--overwrite", "--no-fork")
    parser.take("--policy", "--overrides", "--dask")


def run(options: Namespace) -> ClassGraded | Stopped:
    """Grade the pending submissions, then rewrite all files."""
    began = time.monotonic()
    jobs = _jobs(options.jobs)
    every = [entry.id for entry in catalog.exercises()]
    catalog.chosen(options.counted or ())
    check_shard(options)
    rules_for(options, {}, ())
    fillings_for(options)  # what cannot be filled in is said before anything is graded
    with machines_for(options, jobs) as machines, _opened(options) as store:
        last = _last(store, options)
        shard = part_here(options, store, last)
        sources = _sources(options, last)
        seed = _seed(options, last)
        earlier = last.options if last is not None else {}
        options, remembered = completed(options, earlier, anew=options.only)
        check_columns(options)
        fillings, notices = fillings_for(options, remembered)
        rules = rules_for(options, earlier, remembered)
        with take_in(sources, every, leave=[options.out]) as everybody:
            anew = options.only or shard is not None
            if not anew:
                _check_seed(options, last, store, everybody)
            # A part counts what anybody in the whole class handed in, as one run would.
            entries = catalog.chosen(options.counted or ()) or _handed_in(
                everybody, store, anew=anew
            )
            check(fillings, [entry.id for entry in entries])
            worker = {"fork": options.fork, "sandbox": asdict(machines.layers.sandbox)}
            keys = Keys(seed, json.dumps(worker))
            part = None if shard is None else PartOf.made(shard, everybody, entries, keys.settings)
            intake = everybody if part is None else part.of(everybody)
            given = [str(path.absolute()) for path in sources]
            plan = make_plan(
                entries,
                intake.entries,
                store,
                keys,
                worker=worker,
                jobs=machines.at_once,
                sources=given,
            )
            note = None if part is None else part.record()
            this = store.begin(seed, given, {**as_data(options), **rules.texts}, note)
            _announce(plan, last, machines)
            before = frozenset(store.names())
            as_before = "counted" in remembered and not options.resume
            one = _Class(
                plan,
                intake,
                store,
                this,
                machines,
                fillings,
                rules,
                began,
                before,
                as_before,
                part,
            )
            return _graded(one, options, (*notices, *rules.notices))


@dataclass(frozen=True)
class _Class:
    """A class to grade.

    began: start time, in seconds of the monotonic clock. before: the names of
    those that were in the class. as_before: what counts is what an earlier run was told. part: which
    part of a larger class this is.
    """

    plan: Plan
    intake: Intake
    store: ClassStore
    run: Run
    machines: Machines
    fillings: tuple[Filling, ...]
    rules: Rules
    began: float
    before: frozenset[str]
    as_before: bool
    part: PartOf | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The exercises that count."""
        return tuple(entry.id for entry in self.plan.entries)

    @property
    def given(self) -> frozenset[str]:
        """The names of the submissions of this run."""
        return frozenset(one.name for one in self.intake.entries)


def _graded(one: _Class, options: Namespace, notices: tuple[str, ...]) -> ClassGraded | Stopped:
    again = _resume_command(options)
    try:
        with watching() as audience:
            grade_class(one.plan, one.store, one.run, audience, engine=one.machines.engine)
        if options.only or one.part:
            everybody = one.store.names()
            remove_feedback(options, everybody, one.store.keep_only(one.run))
        submissions = one.store.everything(one.ids)
        report = ClassReport(one.run.seed, one.ids, submissions, one.intake.unused)
        written = write_all(
            report, options, one.fillings, rules=one.rules, store=one.store, run=one.run
        )
    except KeyboardInterrupt:
        return Stopped(again)
    except GraderFault as error:
        raise GraderFault(f"{error} What was graded is kept. Go on with: {again}") from None
    summary = _summary(one, written, again, only=options.only or one.part is not None)
    return ClassGraded(summary, written, (*written.notices, *notices))


def _summary(one: _Class, written: Written, again: str, *, only: bool) -> ClassSummary:
    total, pending = len(one.store.names()), len(one.plan.pending)
    empty = [(entry.name, entry.note) for entry in one.intake.entries if entry.note]
    unused = [(each.path, each.reason) for each in one.intake.unused]
    taken, doubtful = _doubts(one)
    return ClassSummary(
        seed=one.run.seed,
        total=total,
        reused=total - pending,
        passing=one.store.passing(exercises=one.ids),
        took=duration(time.monotonic() - one.began),
        ungraded=one.store.ungraded(exercises=one.ids),
        changed=list(_changed(one.store, one.run)),
        # Not a part's fault, of which an exit code would speak: the merge says it.
        unread=[] if one.part else [(each.path, each.reason) for each in one.intake.unreadable],
        lists=[
            ("One part of a class", one.part.rows() if one.part else []),
            ("The class", _membership(one, only=only)),
            ("Machines", one.machines.rows()),
            (LOOK, doubtful),
            (TAKEN, taken),
            ("Nothing to grade", empty),
            ("Not used", unused),
            *written.lists,
        ],
        again=again,
    )


def _membership(one: _Class, *, only: bool) -> list[tuple[str, str]]:
    """Say who stays in the class, who joins it and who leaves it, when an earlier run made it."""
    stay, new = one.before - one.given, one.given - one.before
    rows = []
    if stay:
        what = "left" if only else "stay"
        rows.append((f"{counted(len(stay), 'submission')} of earlier runs {what}", listed(stay)))
    if new and one.before:
        rows.append((f"{counted(len(new), 'submission')} added", listed(new)))
    if one.as_before:
        shorts = ", ".join(short(exercise) for exercise in one.ids)
        rows.append((f"{shorts} counts, as in the run before", "--exercises says otherwise"))
    rows += [
        (f"{name}: of an earlier run, for nothing was given now", listed(kept))
        for name, kept in one.plan.kept.items()
    ]
    return rows


def _doubts(one: _Class) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the files that count under another name, and those that a person should look at."""
    ids = [entry.id for entry in one.plan.entries]
    rows = [(each.name, doubt) for each in one.intake.entries for doubt in telling(each, ids)]
    taken, doubtful = (
        [(name, f"{doubt.path} {doubt.reason}") for name, doubt in rows if doubt.sure is sure]
        for sure in (True, False)
    )
    return taken, doubtful


def _handed_in(intake: Intake, store: ClassStore, *, anew: bool) -> tuple[catalog.Entry, ...]:
    """Return the exercises that at least one submission has; all of them if none has any.

    anew: the submissions of earlier runs are not asked.
    """
    found = {exercise for one in intake.entries for exercise in (*one.files, *one.undecided)}
    if not anew:
        found |= {exercise for one in store.known() for exercise in one.handed_in}
    return catalog.chosen(found) or catalog.exercises()


def _check_seed(options: Namespace, last: Run | None, store: ClassStore, intake: Intake) -> None:
    """Raise `UsageError` when a part of the class would have another seed than the rest."""
    if last is None or options.seed in (None, last.seed):
        return
    stay = set(store.names()) - {one.name for one in intake.entries}
    if stay:
        raise UsageError(
            f"The class in {options.out} was graded with the seed {last.seed}, and "
            f"{counted(len(stay), 'submission')} of it are not given now. Leave --seed out, give all "
            "of them, or say --only-these."
        )


# -- options --------------------------------------------------------------------------------------


def _jobs(requested: int | None) -> int:
    if requested is not None and requested < 1:
        raise UsageError("--jobs is the number of submissions graded at once: at least 1.")
    if requested is not None:
        return requested
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _opened(options: Namespace) -> ClassStore:
    check_out(options.out)
    store = options.out / NAME
    if options.resume and not store.exists():
        raise UsageError(f"There is no run to resume in {options.out}. Leave --resume out.")
    return open_class_store(store)


def _last(store: ClassStore, options: Namespace) -> Run | None:
    last = store.last_run()
    if options.resume and last is None:
        raise UsageError(f"There is no run to resume in {options.out}. Leave --resume out.")
    if options.resume and last and options.seed not in (None, last.seed):
        raise UsageError(
            f"The run in {options.out} has the seed {last.seed}. Leave --seed out, or --resume to "
            "grade everything again."
        )
    return last


def _sources(options: Namespace, last: Run | None) -> list[Path]:
    paths: list[Path] = options.submissions
    if not paths and options.resume and last is not None:
        paths = [Path(path) for path in last.sources]
    if not paths:
        raise UsageError("Whose work? Name the folder or the download that it is in.")
    if options.out.resolve() in [path.resolve() for path in paths]:
        raise UsageError("--out is the folder of the submissions. Put the results elsewhere.")
    return paths


def _seed(options: Namespace, last: Run | None) -> int:
    """Return the requested seed, else that of the last run, else a fresh one."""
    if options.seed is not None:
        return int(options.seed)
    return fresh_seed() if last is None else last.seed


def _resume_command(options: Namespace) -> str:
    """Return the command that resumes this run."""
    import shlex  # noqa: PLC0415 - rarely needed

    words = f"class --resume --out {shlex.quote(str(options.out))}"
    words += " --only-these" if options.only else ""
    words += f" --dask {shlex.quote(options.dask)}" if options.dask else ""
    return invocation().command(words + (" --trust-submissions" if options.trust else ""))


# -- messages -------------------------------------------------------------------------------------


def _announce(plan: Plan, last: Run | None, machines: Machines) -> None:
    layers = machines.layers
    machines.introduce()
    show(
        ClassStart(
            walls=[(one.name, one.active, one.detail) for one in layers.all],
            enough=layers.reason() is None,
            total=len(plan.submissions),
            pending=len(plan.pending),
            jobs=plan.jobs,
            since=last.began[:10] if last is not None else "",
        )
    )
    sys.stdout.flush()


def _changed(store: ClassStore, this: Run) -> Iterator[Regraded]:
    for one in store.changes(this):
        yield (
            one.submission,
            one.exercise,
            one.before,
            one.score_before,
            one.after,
            one.score_after,
            one.max_score,
        )
