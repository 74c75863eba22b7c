"""The ruler: pauses beside what is asked of them, in data, on a terminal, in a picture."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from grader.render.measures import Pause, read
from grader.render.ruler import Row, Ruler, Scale, ruler
from grader.render.ruler_svg import add_ruler
from grader.render.ruler_view import RulerView, span
from grader.render.svg import Picture
from tests.render import samples
from tests.render.drawing import check_snapshot, draw
from tests.render.timeline.samples import crowd, long


def _ruler(raw: dict[str, Any]) -> Ruler:
    trace = read(raw)
    assert trace is not None
    found = ruler(trace)
    assert found is not None
    return found


def _drawn(found: Ruler) -> str:
    picture = Picture("Ruler", "What was waited.")
    add_ruler(picture, found)
    return str(picture)


def test_rows() -> None:
    """A row for each retry; the item with the first wrong pause comes first."""
    found = _ruler(samples.constant_waits())
    assert [row.label for row in found.rows] == ["7:2", "7:3", "8:2"]
    assert [row.pause.verdict for row in found.rows] == ["", "too short", ""]
    assert found.remainder == ""


def test_only_so_many_rows() -> None:
    """Of many retries the first are shown, and the rest is counted."""
    found = _ruler(crowd(20).raw)
    assert len(found.rows) == 8
    assert found.remainder == "and 12 more retries"
    assert Ruler((), 1, 1).remainder == "and 1 more retry, 1 of them not as asked"
    assert "and 12 more retries" in draw(RulerView(found))
    assert "and 12 more retries" in _drawn(found)


def test_where_there_is_none() -> None:
    """Without retries, or where nobody said how long to wait, there is nothing to measure."""
    without: tuple[dict[str, Any], ...] = ({"windows": []}, {"events": []})
    for changes in without:
        trace = read(samples.constant_waits() | changes)
        assert trace is not None
        assert ruler(trace) is None


def test_scale() -> None:
    """Linear from 0 where that shows all, else logarithmic; what is beyond stays at its end."""
    plain = _ruler(samples.constant_waits()).scale
    assert plain.low == 0.0
    assert plain.high == pytest.approx(0.0825)
    assert not plain.logarithmic
    wide = _ruler(long().raw).scale
    assert wide.logarithmic
    assert 0.0 < wide.share(0.5) < wide.share(300.0) < 1.0
    assert wide.share(0.0) == 0.0
    assert Scale(0.0, 1.0).share(7.0) == 1.0
    assert Ruler((Row("7:2", Pause(1, 0.0, 0.0, 0.0)),)).scale.share(0.0) == 0.0
    assert "logarithmic" in draw(RulerView(_ruler(long().raw)))
    assert "logarithmic" in _drawn(_ruler(long().raw))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_looks_as_before(width: int, encoding: str) -> None:
    """The ruler changes only when somebody means it to, and fits."""
    signs = "" if encoding == "utf-8" else f"-{encoding}"
    text = draw(RulerView(_ruler(samples.constant_waits())), width, encoding)
    assert all(cell_len(line) <= width for line in text.split("\n"))
    check_snapshot(f"ruler-{width}{signs}", text)


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (0.03, 0.0375, "30.0-37.5 ms"),
        (0.9, 1.2, "900.0 ms-1.200 s"),
        (1.0, 1.5, "1.000-1.500 s"),
        (0.06, 0.06, "60.0 ms"),
    ],
)
def test_windows_in_words(least: float, most: float, words: str) -> None:
    """A unit that both ends share is said once."""
    assert span(Row("7:2", Pause(1, 0.0, least, most)), "-") == words


def test_in_a_picture() -> None:
    """A frame for the window, a dot for the pause, and the verdict in words."""
    text = _drawn(_ruler(samples.constant_waits()))
    assert text.count('class="window"') == 3
    assert text.count("<circle") == 3 + 1  # and one in a pattern
    assert "too short" in text
    assert "asked 60.0 ms to 75.0 ms" in text


@pytest.mark.parametrize(
    "pauses",
    [
        (Pause(1, 0.5), Pause(2, 0.02)),
        (Pause(1, -0.04, 0.03, 0.0375), Pause(1, 2.0, 0.03, 0.0375)),
        (Pause(1, -0.04), Pause(1, 0.0)),
    ],
    ids=["nobody asked", "begun before the end, and far", "none that is above zero"],
)
def test_any_pauses_have_an_axis(pauses: tuple[Pause, ...]) -> None:
    """Where one object is ordered twice, a try may begin before another of it has ended."""
    found = Ruler(tuple(Row(f"7:{place}", one) for place, one in enumerate(pauses, 2)))
    assert all(0.0 <= found.scale.share(one.waited) <= 1.0 for one in pauses)
    assert "7:2" in _drawn(found)
