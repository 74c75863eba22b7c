"""Surveys a graded class for its instructor: on the terminal, and as the page `report.html`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.class_results import Alike, ClassReport
from grader.classroom.likeness import Comparison
from grader.cli.writing import write_whole
from grader.course import catalog
from grader.course.mistakes import catalogue
from grader.errors import UsageError
from grader.render.class_figures import ClassFigures
from grader.render.class_glance import ClassGlance
from grader.render.class_tally import Tally
from grader.render.class_timelines import Timelines
from grader.render.class_views import in_words
from grader.render.timeline_svg import timeline_svg

__all__ = ["Survey", "survey", "view", "write_page"]


@dataclass(frozen=True)
class Survey:
    """A class in figures, and the groups of submissions that look alike."""

    figures: ClassFigures
    alike: tuple[Alike, ...]


def survey(report: ClassReport) -> Survey:
    """Survey a class in one pass; keeps a few kilobytes of each submission until it ends."""
    tally = Tally(report.exercises)
    comparison = Comparison({entry.id: catalog.pristine(entry.id) for entry in catalog.exercises()})
    for submission in report.submissions:
        tally.add(submission)
        comparison.add(submission)
    return Survey(tally.figures(report.seed, report.unused), comparison.groups())


def view(
    surveyed: Survey, files: Sequence[tuple[str, str]] = (), onward: Sequence[str] = ()
) -> ClassGlance:
    """Return the class for the terminal.

    files: what was written, each with a description; onward: next steps.
    """
    return ClassGlance(
        surveyed.figures, surveyed.alike, describe=_described, files=files, onward=onward
    )


def write_page(report: ClassReport, surveyed: Survey, path: Path) -> None:
    """Write the class as one HTML page, in one pass, a submission at a time.

    The file is written atomically. Raises `UsageError` if it cannot be written.
    """
    try:
        from grader.render.class_page import class_page  # noqa: PLC0415 - grading needs no templates
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{path.name} needs {error.name}, which is not installed. Run this through nox, "
            f"or install it: pip install jinja2"
        ) from None
    pieces = class_page(
        report,
        surveyed.figures,
        surveyed.alike,
        describe=_described,
        timelines=Timelines(timeline_svg),
    )
    write_whole(path, pieces)


def _described(code: str) -> tuple[str, str]:
    """Return a misconception's sentence, and why it matters."""
    known = catalogue().get(code)
    prose = known.prose if known is not None else None
    return (prose.sentence, prose.matters) if prose is not None else in_words(code)
