"""Draws what happened in a check's scenario, over virtual time."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE
from grader.cli.grading import Grading, open_grading
from grader.cli.live import listening
from grader.cli.options import Parser
from grader.cli.writing import write_whole
from grader.errors import UsageError
from grader.render.timeline.telling import telling_check
from grader.results import CheckResult, ExerciseResult, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.cli.before import Compared
    from grader.render.herd import Herd

__all__ = ["Drawn", "chosen", "declare", "run"]


@dataclass(frozen=True)
class Drawn:
    """Result: an exercise, the check whose scenario is drawn (None: there is none), the herd."""

    result: ExerciseResult
    check: CheckResult | None = None
    herd: Herd | None = None
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return COULD_NOT_GRADE if self.result.outcome is Outcome.UNGRADED else 0

    def view(self) -> RenderableType:
        from grader.render.timeline.screen import TimelineScreen  # noqa: PLC0415 - Rich comes last

        return TimelineScreen(self.result, self.check, self.herd)


def declare(parser: Parser) -> None:
    """Declare the exercise and the check; the default is the one that fails."""
    parser.take("exercise", "check", "--before", "--svg", "--html")
    parser.take("--from", "--trust-submissions", "--seed", "--no-fork", "--weather")


def run(options: Namespace) -> Drawn | Compared:
    """Grade the exercise (untouched stubs too), pick the check and write the requested files."""
    if options.before:
        from grader.cli.before import compared  # noqa: PLC0415 - it grades twice

        return compared(options, chosen)
    with open_grading([options.exercise], options) as opened:
        grading = replace(opened, stubs=True)
        with listening(wanted=True) as listener:
            (result,) = grading.run(listener).exercises
        check = chosen(result, options.check) if options.check else telling_check(result)
        drawn = Drawn(result, check, _herd(result, grading))
        if grading.store is not None:
            drawn = replace(drawn, notices=grading.store.notices)
    return _written(drawn, options.svg, options.html)


def _herd(result: ExerciseResult, grading: Grading) -> Herd | None:
    from grader.cli.herding import herd, herds  # noqa: PLC0415 - one exercise has one

    judged = (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_STARTED)
    if not herds(result.exercise) or result.outcome not in judged or not result.source:
        return None
    return herd(result, result.seed or 0, fork=grading.fork, sandbox=grading.sandbox)


# -- which check --------------------------------------------------------------------------------


def chosen(result: ExerciseResult, wanted: str) -> CheckResult:
    """Find the check by number, name, or part of its name or title. Raises `UsageError`."""
    checks = result.checks
    if wanted.isdecimal() and 1 <= int(wanted) <= len(checks):
        return checks[int(wanted) - 1]
    part = wanted.lower()
    for meant in (
        [c for c in checks if part in (c.check, c.check.removeprefix("test_"))],
        [c for c in checks if part in c.check or part in c.title.lower()],
    ):
        if len(meant) == 1:
            return meant[0]
        if meant:
            names = ", ".join(c.check for c in meant)
            raise UsageError(f"'{wanted}' may be any of {names}. Say which.")
    numbered = ", ".join(f"{n} {c.check}" for n, c in enumerate(checks, 1))
    raise UsageError(f"There is no check '{wanted}' in {result.exercise}. There are: {numbered}.")


# -- files --------------------------------------------------------------------------------------


def _written(drawn: Drawn, svg: Path | None, html: Path | None) -> Drawn:
    """Write the picture and the page as requested; return `drawn` with a notice for each.

    Raises `UsageError` if there is nothing to draw or a file cannot be written.
    """
    if svg is None and html is None:
        return drawn
    from grader.render.timeline_files import page, picture  # noqa: PLC0415 - mostly not asked for

    image = picture(drawn.result, drawn.check, drawn.herd)
    if not image:
        from grader.render.timeline.scene import no_timeline  # noqa: PLC0415 - likewise

        raise UsageError(f"Nothing was written. {no_timeline(drawn.result, drawn.check)}")
    notices = list(drawn.notices)
    for target, text in ((svg, image), (html, page(drawn.result, drawn.check, image))):
        if target is not None:
            write_whole(target, [text])
            notices.append(f"Written: {target}")
    return replace(drawn, notices=tuple(notices))
