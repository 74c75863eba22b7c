"""Grades exercises and shows the next step."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE, NOT_YET
from grader.cli.grading import Grading, open_grading
from grader.cli.invocation import invocation
from grader.cli.live import listening
from grader.cli.options import Parser
from grader.cli.writing import write_whole
from grader.course import catalog
from grader.render.invocation import Invocation
from grader.results import ExerciseResult, GradeReport, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.practice.progress import Progress, Store
    from grader.render.standing import Standing

__all__ = ["Graded", "declare", "run"]

STANDARD_OUTPUT = "-"
WRITTEN = ("gradescope", "classroom50", "exercism", "junit")
"""Formats of other programs, which have options of the same names."""


@dataclass(frozen=True)
class Graded:
    """Result: what was graded, and how to show it.

    text: what to show instead of the screen, if requested. known: stored progress of each exercise,
    None for a folder that is not the learner's own. welcome: at the first start, the first exercise as it
    comes, with what its checks saw.
    """

    report: GradeReport
    invocation: Invocation
    details: bool = False
    complete: bool = True
    text: str | None = None
    known: tuple[Progress, ...] | None = None
    notices: tuple[str, ...] = ()
    welcome: ExerciseResult | None = None

    @property
    def detailed(self) -> list[ExerciseResult]:
        """The exercises to show in full; ungraded ones are never left out."""
        first = self.report.first_open
        return [
            result
            for result in self.report.exercises
            if self.details or result is first or result.outcome is Outcome.UNGRADED
        ]

    @property
    def exit_code(self) -> int:
        if self.report.ungraded:
            return COULD_NOT_GRADE
        return 0 if self.report.passed else NOT_YET

    def view(self) -> RenderableType:
        if self.text is not None:
            return self.text
        from grader.render.report import Report  # noqa: PLC0415 - JSON needs nothing of it

        return Report(
            self.report,
            self.detailed,
            self.invocation,
            complete=self.complete,
            standing=self._standing(),
            following=self._following(),
            tracks={entry.id: entry.track for entry in catalog.exercises()},
            welcome=self._welcome(),
        )

    def _welcome(self) -> RenderableType | None:
        if self.welcome is None:
            return None
        from grader.render.welcome import Welcome  # noqa: PLC0415 - shown once

        return Welcome(self.welcome, self.invocation)

    def _following(self) -> tuple[str, str] | None:
        """Return id and title of the exercise after the last one graded.

        None at the end of the course, and for a folder that is not the learner's own.
        """
        graded = {one.exercise for one in self.report.exercises}
        known = catalog.exercises()
        last = max((n for n, one in enumerate(known, 1) if one.id in graded), default=0)
        later = known[last:]
        return (later[0].id, later[0].title) if later and self.known is not None else None

    def _standing(self) -> Standing | None:
        from grader.render.standing import Standing  # noqa: PLC0415 - likewise

        if self.known is None:
            return None
        done = sum(one.outcome is Outcome.PASSED for one in self.known)
        count = len(catalog.exercises())
        return Standing(done, count, sum(one.hints for one in self.known))


def declare(parser: Parser) -> None:
    """Declare the exercises, their folder, and the output formats."""
    parser.take("exercises", "--from", "--trust-submissions", "--json", "--seed", "--all")
    parser.take("--weather", "--fresh", "--problems")
    parser.take("--no-fork", *(f"--{name}" for name in WRITTEN))


def run(options: Namespace) -> Graded:
    """Grade the exercises and write the requested files."""
    on_screen = options.json != STANDARD_OUTPUT and not options.problems
    with open_grading(options.exercises, options) as grading:
        first = on_screen and _greets(options, grading)
        with listening(wanted=on_screen) as listener:
            report = replace(grading, reuse=_reuses(options, grading)).run(listener)
        called = invocation(options.folder, options.weather)
        graded = Graded(report, called, options.all, grading.complete, notices=grading.remarks)
        if first:
            graded = replace(graded, welcome=_welcomed(grading))
        if grading.store is not None:
            if on_screen:
                _note_hints(grading.store, graded)
            known = tuple(grading.store.progress().values())
            graded = replace(graded, known=known, notices=grading.store.notices)
    if any(vars(options)[name] for name in WRITTEN):
        graded = _formatted(graded, options, grading.remarks)
    if options.json is not None:
        graded = _exported(graded, options.json)
    if options.problems and graded.text is None:
        from grader.render.problems import problems  # noqa: PLC0415 - only editors ask for it

        graded = replace(graded, text=problems(graded.report))
    return graded


def _reuses(options: Namespace, grading: Grading) -> bool:
    """Whether stored verdicts will do: not for a single exercise, nor for another program."""
    written = (options.json, *(vars(options)[name] for name in WRITTEN))
    asked = options.fresh or options.seed is not None or any(one is not None for one in written)
    return not asked and len(grading.entries) > 1


def _greets(options: Namespace, grading: Grading) -> bool:
    """Whether this is the first start, by a person: a script reads no welcome."""
    if options.exercises or options.all or not sys.stdout.isatty():
        return False
    from grader.cli.welcome import is_first_start  # noqa: PLC0415 - of no use to a program

    return is_first_start(grading.store, grading.folder)


def _welcomed(grading: Grading) -> ExerciseResult:
    """Return the first exercise, run as it comes, and note that the learner was welcomed."""
    from grader.cli.welcome import WELCOME  # noqa: PLC0415 - likewise

    assert grading.store is not None
    grading.store.told(WELCOME)
    first = replace(grading, entries=grading.entries[:1], stubs=True, store=None)
    return first.run().exercises[0]


def _note_hints(store: Store, graded: Graded) -> None:
    """Record the first hints, which the screen shows; `hint` goes on from there."""
    for result in graded.detailed:
        check = result.first_failure
        if check is not None and check.hint:
            store.hint_shown(result.exercise, check.about, 1, asked=False)


def _exported(graded: Graded, target: str) -> Graded:
    from grader.export.to_json import to_json  # noqa: PLC0415 - most runs need none

    text = to_json(graded.report)
    if target == STANDARD_OUTPUT:
        return replace(graded, text=text.rstrip())
    write_whole(Path(target), [text])
    return graded


def _formatted(graded: Graded, options: Namespace, remarks: tuple[str, ...]) -> Graded:
    """Write other tools' formats, except those that could only give ungraded work a zero."""
    from grader.cli.formats import handed_in, wanted, writers  # noqa: PLC0415 - likewise

    notices = []
    for name, path in wanted(options).items():
        try:
            text = writers[name](graded.report.exercises, handed_in("me", remarks=remarks))
        except ValueError as error:
            notices.append(f"{path} was not written: {error}.")
            continue
        write_whole(path, [text])
    return replace(graded, notices=(*graded.notices, *notices))
