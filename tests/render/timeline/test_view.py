"""The timeline on a terminal: snapshots, and what holds for all of them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Finding, Queue, Step
from grader.render.timeline.view import Timeline
from grader.render.timeline_svg import timeline_svg
from tests.render.drawing import check_snapshot, draw
from tests.render.timeline.samples import SAMPLES
from tests.render.timeline.strategies import traces

SHAPES = [(width, encoding) for width in (60, 80, 120) for encoding in ("utf-8", "ascii")]
WIDTHS = [60, 61, 80, 100, 120, 200]

every_sample = pytest.mark.parametrize("name", SAMPLES)


@every_sample
@pytest.mark.parametrize(("width", "encoding"), SHAPES)
def test_looks_as_before(name: str, width: int, encoding: str) -> None:
    """A timeline changes only when somebody means it to."""
    signs = "" if encoding == "utf-8" else f"-{encoding}"
    text = draw(Timeline(SAMPLES[name]().drawing), width, encoding)
    check_snapshot(f"timeline-{name}-{width}{signs}", text)


@pytest.mark.parametrize(
    ("deepest", "maxsize", "words"),
    [(3, 0, "0-9 so many items"), (10, 0, "0-9 so many items, + ten or more"), (3, 3, "")],
)
def test_numbers_are_in_the_legend(deepest: int, maxsize: int, words: str) -> None:
    """A row of digits is explained, and what stands for more of them; bars need no words."""
    drawing = SAMPLES["waiting"]().drawing
    queue = Queue((Step(0.0, deepest, 0), Step(0.1, 0, 0)), maxsize=maxsize)
    last = draw(Timeline(replace(drawing, queues=(queue,)))).splitlines()[-1]
    assert last.endswith(words) if words else "so many" not in last


@every_sample
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", WIDTHS)
def test_fits(name: str, width: int, encoding: str) -> None:
    """No line is wider than the screen, none ends in blanks, and no control character is in it."""
    text = draw(Timeline(SAMPLES[name]().drawing), width, encoding)
    for line in text.split("\n"):
        assert cell_len(line) <= width, line
        assert line == line.rstrip(), repr(line)
        assert not [sign for sign in line if unicodedata.category(sign) == "Cc"]


@every_sample
def test_ascii_loses_nothing(name: str) -> None:
    """Every sign of the timeline's own has an ASCII twin: nothing ends up as a question mark."""
    if name != "hostile":
        assert "?" not in draw(Timeline(SAMPLES[name]().drawing), 80, "ascii")


@settings(max_examples=60)
@given(traces(), st.integers(60, 200), st.sampled_from(["utf-8", "ascii"]))
def test_whatever_happened_can_be_drawn(
    sample: tuple[dict[str, Any], Finding], width: int, encoding: str
) -> None:
    """Any valid trace fits into any width from 60 to 200 columns, and makes a picture."""
    raw, finding = sample
    drawing = draw_raw(raw, finding)
    if drawing is None:
        assert timeline_svg(raw) == ""
        return
    for line in draw(Timeline(drawing), width, encoding).split("\n"):
        assert cell_len(line) <= width, line
    assert timeline_svg(raw, finding)
