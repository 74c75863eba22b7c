"""Writes the class as one HTML page, `report.html`, in pieces.

Learners' names, code, prints and messages may hold anything. `harmless` makes control characters
and writing directions visible; then Jinja escapes every value. A content security policy lets only
the page's own script and styles run, by their hashes (W3C, "Content Security Policy Level 3",
2.3.1), and forbids every request.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.class_results import Alike, ClassReport
from grader.render.class_data import Sources, index_of, parts_of
from grader.render.class_details import detail_views
from grader.render.class_figures import CheckFigures, ClassFigures, ExerciseFigures
from grader.render.class_timelines import Timelines
from grader.render.class_views import (
    Describe,
    alike_views,
    chart,
    in_words,
    mistake_views,
    row_views,
    teach_views,
)
from grader.render.foreign import harmless
from grader.render.glyphs import UNICODE
from grader.render.words import STATES, counted, decimal, percent, short
from grader.results import Outcome

__all__ = ["TIMELINES", "class_page"]

TIMELINES = 12 << 20
"""Characters of timelines in all; a browser opens a page of this size in about a second."""

STATIC = 50  # rows of the table that are there without the script
CHUNK = 256  # pieces of Jinja's per piece of the page
MOST_NAMED = 12  # names in a list; the table has them all
TEMPLATES = Path(__file__).with_name("templates")
SHOWN = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.NOT_STARTED,
    Outcome.MISSING,
    Outcome.UNGRADED,
)
SECTIONS = (
    ("overview", "Overview"),
    ("exercises", "What was passed"),
    ("mistakes", "What was not understood"),
    ("checks", "Check by check"),
    ("alike", "Look alike"),
    ("attention", "Worth a look"),
    ("learners", "Learners"),
)
CHECK_STATES = {Outcome.FAILED: "failed"}  # an exercise is "not yet" passed; a check has failed
FILTERS = (
    ("open", "not all passed"),
    ("complete", "all passed"),
    ("ungraded", "not graded"),
    ("flagged", "flagged"),
    ("late", "late"),
    ("doubtful", "a file in doubt"),
    ("alike", "looks like another"),
)

_QUOTED = re.compile(r"`([^`\n]+)`")


def class_page(
    report: ClassReport,
    figures: ClassFigures,
    alike: Sequence[Alike] = (),
    *,
    describe: Describe = in_words,
    timelines: Timelines | None = None,
    room: int = TIMELINES,
) -> Iterator[str]:
    """Return the page, piece by piece; holds one submission in memory at a time.

    figures: those of this report. alike: groups of submissions that look alike. describe: returns a
    misconception's sentence and why it matters, by its code. timelines: draws those of failed
    checks, for this page only. room: characters of timelines in all.
    """
    groups = alike_views(alike, figures)
    mistakes = mistake_views(figures, describe)
    beside = Sources(alike, len(figures.learners))
    details = detail_views(report, figures, describe, timelines, room, beside=beside.of)
    stream = (
        _environment()
        .get_template("class.html.j2")
        .stream(
            figures=figures,
            sections=SECTIONS,
            outcomes=SHOWN,
            filters=FILTERS,
            chart=chart(figures.scores),
            mistakes=mistakes,
            unrecognised=_unrecognised(figures),
            alike=groups,
            attention=_attention(figures),
            teach=teach_views(figures, describe),
            rows=islice(row_views(figures, groups), STATIC),
            more=max(0, len(figures.learners) - STATIC),
            index=map(Markup, index_of(figures, groups, CHECK_STATES)),
            parts=map(Markup, parts_of(details)),
            megabytes=room >> 20 if timelines else 0,
            most_named=MOST_NAMED,
            **_assets(timelines.style if timelines else ""),
        )
    )
    stream.enable_buffering(CHUNK)
    return iter(stream)


def _unrecognised(figures: ClassFigures) -> list[tuple[str, CheckFigures]]:
    """Return the exercises and checks with unrecognised failures, the most frequent first."""
    rows = [(e.exercise, c) for e in figures.exercises for c in e.checks if c.unrecognised]
    return sorted(rows, key=lambda row: -row[1].unrecognised)


def _attention(figures: ClassFigures) -> int:
    """Return how many learners are ungraded or flagged."""
    return sum(one.ungraded or bool(one.flags) for one in figures.learners)


def _assets(drawings: str) -> dict[str, Any]:
    """Return the page's own script and styles, and the policy that allows nothing else.

    drawings: CSS of the timelines.
    """
    script = _text("class_learners.js") + _text("class.js")
    style = drawings + _text("class.css")
    rules = (
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
        "img-src data:",  # the empty icon: without it a browser asks a server for one
        "base-uri 'none'",
        "form-action 'none'",
    )
    return {"script": Markup(script), "style": Markup(style), "policy": "; ".join(rules)}  # noqa: S704 - our own files


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        counted=counted,
        number=decimal,
        percent=percent,
        pieces=_pieces,
        short=short,
        sign=UNICODE.of,
        state=STATES.__getitem__,
        verdict=lambda outcome: CHECK_STATES.get(outcome, STATES[outcome]),
        parts=_parts,
    )
    return environment


def _finalize(value: Any) -> Any:
    """Make cursor movements and writing directions visible before Jinja escapes a text."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _pieces(text: str) -> Iterable[tuple[str, bool]]:
    """Yield the pieces of a sentence, each with whether it was in `backquotes`."""
    for place, piece in enumerate(_QUOTED.split(text)):
        if piece:
            yield piece, place % 2 == 1


def _parts(exercise: ExerciseFigures, outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    return [(outcome.value, exercise.of(outcome)) for outcome in outcomes]
