"""The herd: arrivals in slices of time, as numbers, on a terminal, in a picture."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from grader.render.herd import Arrivals, Herd, Peak, arrivals
from grader.render.herd_svg import add_herd
from grader.render.herd_view import HerdView
from grader.render.measures import read
from grader.render.svg import Picture
from tests.render.drawing import check_snapshot, draw
from tests.render.timeline.samples import crowd

SPREAD = Arrivals("yours", {24: 40, 25: 25, 50: 30, 51: 35}, (Peak(40, 0.12), Peak(35, 0.255)))
NONE = Arrivals("reference", note="not shown, since this code could not run it: it left.")


def _together() -> Arrivals:
    trace = read(crowd().raw)
    assert trace is not None
    return arrivals("no jitter", trace)


def _herd() -> Herd:
    return Herd(65, (_together(), SPREAD, NONE))


def test_arrivals() -> None:
    """Retries are counted in slices of 5 ms; first tries are no arrivals."""
    found = _together()
    assert found.counts == {26: 65}
    assert found.peak == Peak(65, 0.13)
    assert found.summary == "peak 65 at 0.130 s (retry 1: 65)"


def test_nobody_came() -> None:
    """Where nothing was retried there is no peak, and that is said."""
    assert Arrivals("yours").peak is None
    assert "nobody came back" in Arrivals("yours").summary
    empty = Herd(100, (Arrivals("yours"), NONE))
    assert (empty.span, empty.highest) == ((0, 0), 1)
    text = draw(HerdView(empty))
    assert "nobody came back" in text
    assert "could not run it" in text


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_looks_as_before(width: int, encoding: str) -> None:
    """The histograms change only when somebody means it to, and fit."""
    signs = "" if encoding == "utf-8" else f"-{encoding}"
    text = draw(HerdView(_herd()), width, encoding)
    assert all(cell_len(line) <= width for line in text.split("\n"))
    check_snapshot(f"herd-{width}{signs}", text)


def test_in_a_picture() -> None:
    """A bar for each slice, the peaks in words."""
    for herd, bars in ((_herd(), 5), (Herd(100, (NONE,)), 0)):
        picture = Picture("Herd", "Arrivals.")
        add_herd(picture, herd)
        assert str(picture).count('class="work"') == bars
        assert "could not run it" in str(picture)
