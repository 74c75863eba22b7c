"""Contents of the files of `timeline`: the picture of a check, and the page around it."""

from __future__ import annotations

from grader.render.herd import Herd
from grader.render.measures import read
from grader.render.ruler import ruler
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of, scenario_words
from grader.render.timeline_page import to_html
from grader.render.timeline_svg import picture_of
from grader.results import CheckResult, ExerciseResult

__all__ = ["page", "picture"]


def picture(result: ExerciseResult, check: CheckResult | None, herd: Herd | None = None) -> str:
    """Return the SVG picture, with ruler and herd if there are any; "" if nothing ran."""
    raw = check.observation.trace if check is not None else None
    drawing, trace = draw_raw(raw, finding_of(check)), read(raw)
    if check is None or drawing is None or trace is None:
        return ""
    name = result.exercise.partition("_")[0]
    title = f"{name} \N{MIDDLE DOT} {check.title}".replace("`", "")
    return picture_of(drawing, title, ruler(trace), herd)


def page(result: ExerciseResult, check: CheckResult | None, image: str) -> str:
    """Return the page around a picture: the exercise, the check's message, and what was called."""
    paragraphs = check.message.splitlines() if check is not None else []
    raw = check.observation.trace if check is not None else None
    called = scenario_words(raw) if raw is not None else ""
    seed = "" if result.seed is None else f" Seed {result.seed}."
    title = f"{result.exercise.partition('_')[0]} \N{MIDDLE DOT} {result.title}"
    note = f"{called}{seed} Times are virtual seconds."
    return to_html(title, paragraphs, image, note)
