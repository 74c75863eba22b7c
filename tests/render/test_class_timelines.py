"""Timelines on one page: one style for all, no ids twice, nothing of the texts changed."""

from __future__ import annotations

import re
from typing import Any

from grader.render.class_timelines import Timelines
from grader.results import Observation
from tests.render import classes, samples


def _check(**changes: Any) -> Any:
    return samples.failed(observation=Observation(samples.constant_waits()), **changes)


def test_one_style_for_all() -> None:
    """The style is taken off each drawing, in its element and in attributes."""
    timelines = Timelines(classes.drawing)
    assert timelines.style == ".bpt text{fill:var(--ink)}"
    svg = timelines.draw(_check())
    assert svg.startswith("<svg ")
    assert "style" not in svg


def test_ids_are_never_the_same() -> None:
    """Ids differ between two drawings of one finding, and references follow them."""
    timelines = Timelines(classes.drawing)
    one, other = timelines.draw(_check()), timelines.draw(_check())
    ids = [re.findall(r'<[^>]* id="([^"]+)"', svg) for svg in (one, other)]
    assert len(set(ids[0] + ids[1])) == 4
    assert all("</text>" in svg and ' id="k' in svg for svg in (one, other))  # a text's stays
    for svg, (title, pattern) in zip((one, other), ids, strict=True):
        assert f'aria-labelledby="{title}"' in svg
        assert f'fill="url(#{pattern})"' in svg


def test_texts_stay() -> None:
    """What a text says is not taken for an id, though it looks like one."""
    message = '<script> "style=" id="k1"'
    svg = Timelines(classes.drawing).draw(_check(message=message))
    assert "&lt;script&gt; &quot;style=&quot; id=&quot;k1&quot;" in svg


def test_what_there_is_nothing_to_draw_of() -> None:
    """No trace, no drawing; a drawing without ids stays as it is."""
    assert Timelines(classes.drawing).draw(samples.failed(observation=Observation())) == ""
    assert Timelines(lambda _trace, _finding, /, **_: "<svg></svg>").draw(_check()) == "<svg></svg>"
