"""A class that is being graded, and what is said of it in the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.classroom.plan import Plan
from grader.classroom.store import ClassStore, Run
from grader.classroom.submission import telling
from grader.cli.class_dask import Machines
from grader.cli.class_fill import Filling
from grader.cli.class_output import Written, ungraded_in
from grader.cli.class_parts import PartOf
from grader.cli.class_rules import Rules
from grader.cli.class_told import Told, lists_of
from grader.cli.class_worksheet import Worksheet
from grader.intake import Intake
from grader.render.class_progress import duration
from grader.render.class_summary import ClassSummary, Regraded
from grader.render.words import counted, listed, short

__all__ = ["Class", "summary_of"]


@dataclass(frozen=True)
class Class:
    """A class that is graded.

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


def summary_of(one: Class, written: Written, again: str, *, only: bool) -> ClassSummary:
    """Return what the screen says in the end.

    again: the command that resumes the run. only: submissions of earlier runs have left the class.
    """
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


def _membership(one: Class, *, only: bool) -> list[tuple[str, str]]:
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


def _told(one: Class) -> Iterator[Told]:
    ids = [entry.id for entry in one.plan.entries]
    for each in one.intake.entries:
        yield Told(each.name, each.note, telling(each, ids))


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
