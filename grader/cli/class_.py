"""Grades many submissions and writes the instructor's files."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rich.console import Group

from grader.class_results import ClassReport
from grader.classroom.keys import Keys
from grader.classroom.plan import Plan, make_plan
from grader.classroom.run import grade_class
from grader.classroom.store import Run
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
from grader.cli.class_fill import check, check_columns, fillings_for
from grader.cli.class_live import watching
from grader.cli.class_memory import as_data, completed
from grader.cli.class_output import (
    Written,
    learners_in,
    remove_feedback,
    write_all,
)
from grader.cli.class_parts import PartOf, check_shard, part_here
from grader.cli.class_rules import rules_for
from grader.cli.class_summed import Class, summary_of
from grader.cli.class_times import timed, times_option
from grader.cli.class_worksheet import worksheet_for
from grader.cli.exits import COULD_NOT_GRADE, INTERRUPTED
from grader.cli.options import Parser
from grader.cli.screen import show
from grader.cli.survey import view as survey_view
from grader.cli.trial import try_lab
from grader.course import catalog
from grader.errors import GraderFault
from grader.intake import take_in
from grader.render.class_start import ClassStart
from grader.render.class_summary import ClassSummary
from grader.render.layout import GAP

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
            before = frozenset(store.names())
            as_before = "counted" in remembered and not options.resume
            one = Class(
                plan=plan,
                intake=intake,
                store=store,
                run=this,
                machines=machines,
                fillings=fillings,
                rules=rules,
                began=began,
                before=before,
                as_before=as_before,
                part=part,
                timeless=times.unknown,
                worksheet=worksheet,
            )
            return _graded(one, options, last, (*notices, *rules.notices))


def _graded(
    one: Class, options: Namespace, last: Run | None, notices: tuple[str, ...]
) -> ClassGraded | Stopped:
    again = resume_command(options)
    try:
        _announce(one.plan, last, one.machines)
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
    summary = summary_of(one, written, again, only=options.only or one.part is not None)
    return ClassGraded(summary, written, (*written.notices, *notices))


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
