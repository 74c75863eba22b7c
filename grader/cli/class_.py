"""Grades many submissions and writes the instructor's files."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group

from grader.class_results import ClassReport
from grader.classroom.keys import Keys
from grader.classroom.plan import Plan, make_plan
from grader.classroom.run import grade_class
from grader.classroom.store import ClassStore, Run
from grader.classroom.submission import telling
from grader.cli.class_begin import (
    check_seed,
    handed_in,
    jobs_of,
    last_of,
    opened,
    resume_command,
    seed_of,
    sources_of,
)
from grader.cli.class_dask import Machines, machines_for
from grader.cli.class_feedback import check_feedback
from grader.cli.class_fill import Filling, check, check_columns, fillings_for
from grader.cli.class_live import watching
from grader.cli.class_memory import as_data, completed
from grader.cli.class_output import (
    Written,
    learners_in,
    remove_feedback,
    ungraded_in,
    write_all,
)
from grader.cli.class_parts import PartOf, check_shard, part_here
from grader.cli.class_rules import Rules, rules_for
from grader.cli.class_times import timed, times_option
from grader.cli.class_told import Told, lists_of
from grader.cli.class_worksheet import Worksheet, worksheet_for
from grader.cli.exits import COULD_NOT_GRADE, INTERRUPTED
from grader.cli.options import Parser
from grader.cli.screen import show
from grader.cli.survey import view as survey_view
from grader.cli.trial import try_lab
from grader.course import catalog
from grader.errors import GraderFault
from grader.intake import Intake, take_in
from grader.render.class_progress import duration
from grader.render.class_start import ClassStart
from grader.render.class_summary import ClassSummary, Regraded
from grader.render.layout import GAP
from grader.render.words import counted, listed, short

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["ClassGraded", "Stopped", "declare", "run"]


@dataclass(frozen=True)
class ClassGraded:
    """Result of a class run: its summary, and what was written."""

    summary: ClassSummary
    written: Written
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return COULD_NOT_GRADE if self.summary.ungraded or self.summary.unread else 0

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
    parser.take("--brightspace", "--brightspace-column", "--blackboard", "--blackboard-column")
    parser.take("--overwrite", "--no-fork")
    parser.take("--feedback", "--policy", "--overrides", "--times", "--dask")


def run(options: Namespace) -> ClassGraded | Stopped:
    """Grade the pending submissions, then rewrite all files."""
    began = time.monotonic()
    options = Namespace(**{**vars(options), "times": times_option(options.times)})
    jobs = jobs_of(options.jobs)
    every = [entry.id for entry in catalog.exercises()]
    catalog.chosen(options.counted or ())
    check_shard(options)
    rules_for(options, {}, ())
    fillings_for(options)  # what cannot be filled in is said before anything is graded
    try_lab(None)
    with machines_for(options, jobs) as machines, opened(options) as store:
        last = last_of(store, options)
        shard = part_here(options, store, last)
        sources = sources_of(options, last)
        seed = seed_of(options, last)
        earlier = last.options if last is not None else {}
        options, remembered = completed(options, earlier, anew=options.only)
        check_columns(options)
        check_feedback(options.feedback, moodle=options.moodle is not None)
        fillings, notices = fillings_for(options, remembered)
        rules = rules_for(options, earlier, remembered)
        one_by_one = bool(rules.learners.rule)
        with take_in(sources, every, leave=[options.out], attempts=one_by_one) as taken:
            times = timed(taken, options.times, sources)
            everybody = times.intake
            anew = options.only or shard is not None
            if not anew:
                check_seed(options, last, store, everybody)
            # A part counts what anybody in the whole class handed in, as one run would.
            entries = catalog.chosen(options.counted or ()) or handed_in(
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
            worksheet = worksheet_for(
                options,
                earlier,
                intake.entries,
                entries,
                store,
                elsewhere=last is not None and given != list(last.sources),
            )
            remember = {**as_data(options), **rules.texts, **worksheet.as_data()}
            this = store.begin(seed, given, remember, note)
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
                times.unknown,
                worksheet,
            )
            return _graded(one, options, (*notices, *rules.notices))


@dataclass(frozen=True)
class _Class:
    """A class to grade.

    began: start time, in seconds of the monotonic clock. before: the names of
    those that were in the class. as_before: what counts is what an earlier run was told. part: which
    part of a larger class this is. timeless: submissions whose time was asked for and is not known.
    worksheet: that of Moodle.
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
    timeless: tuple[tuple[str, str], ...] = ()
    worksheet: Worksheet = field(default_factory=Worksheet)

    @property
    def ids(self) -> tuple[str, ...]:
        """The exercises that count."""
        return tuple(entry.id for entry in self.plan.entries)

    @property
    def given(self) -> frozenset[str]:
        """The names of the submissions of this run."""
        return frozenset(one.name for one in self.intake.entries)


def _graded(one: _Class, options: Namespace, notices: tuple[str, ...]) -> ClassGraded | Stopped:
    again = resume_command(options)
    try:
        with watching() as audience:
            grade_class(one.plan, one.store, one.run, audience, engine=one.machines.engine)
        if options.only or one.part:
            before = learners_in(one.store)
            one.store.keep_only(one.run)
            remove_feedback(options, before, {*before} - {*learners_in(one.store)})
        submissions = one.store.everything(one.ids)
        report = ClassReport(one.run.seed, one.ids, submissions, one.intake.unused)
        written = write_all(
            report,
            options,
            one.fillings,
            rules=one.rules,
            store=one.store,
            run=one.run,
            worksheet=one.worksheet,
            timeless=one.timeless,
        )
    except KeyboardInterrupt:
        return Stopped(again)
    except GraderFault as error:
        raise GraderFault(f"{error} What was graded is kept. Go on with: {again}") from None
    summary = _summary(one, written, again, only=options.only or one.part is not None)
    return ClassGraded(summary, written, (*written.notices, *notices))


def _summary(one: _Class, written: Written, again: str, *, only: bool) -> ClassSummary:
    names, pending = one.store.names(), len(one.plan.pending)
    figures = written.survey.figures
    ungraded = ungraded_in(one.store, one.ids, written)
    return ClassSummary(
        seed=one.run.seed,
        total=len(figures.learners),
        attempts=written.attempts,
        reused=len(names) - pending,
        passing=figures.complete,
        took=duration(time.monotonic() - one.began),
        ungraded=ungraded,
        changed=list(_changed(one.store, one.run)),
        # Not a part's fault, of which an exit code would speak: the merge says it.
        unread=[] if one.part else [(each.path, each.reason) for each in one.intake.unreadable],
        lists=[
            ("One part of a class", one.part.rows() if one.part else []),
            ("The class", _membership(one, only=only)),
            ("Machines", one.machines.rows()),
            *lists_of(_told(one), ungraded, one.intake.unused),
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


def _told(one: _Class) -> Iterator[Told]:
    ids = [entry.id for entry in one.plan.entries]
    for each in one.intake.entries:
        yield Told(each.name, each.note, telling(each, ids))


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
