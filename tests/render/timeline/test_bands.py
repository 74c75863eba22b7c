"""Bands over a timeline: what a scenario declares by time, events set, and dead letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from rich.cells import cell_len

from grader.course.kit.world import Scenario, World, names_in
from grader.render.timeline.bands import rows
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Band, Drawing, Mark, Sign
from grader.render.timeline.view import Timeline
from grader.render.timeline_svg import timeline_svg
from grader.script import Own, Plan, Rule
from tests.render.drawing import draw
from tests.render.timeline.samples import fed, got, pipeline, tried

INF = float("inf")


@dataclass(frozen=True)
class Outage(Scenario):
    """A service with rules by time."""

    rules: tuple[Rule, ...]
    breaks: tuple[float, ...] = ()

    def play(self, world: World) -> None:
        """Only the service and an event."""
        world.service("call", [Plan()], *self.rules, breaks=self.breaks)
        world.event("stop")
        world.queue("dead_letters")


def _raw() -> dict[str, Any]:
    outage = Outage((Rule(since=0.1, until=0.25, fails=True),), (0.05,))
    raw = pipeline(
        [0.0, 0, "queue", None, 2, 0],
        *fed(0, 1),
        got(2, 0, 0),
        *tried(2, 0, 0.0, 0.1, "cancelled"),
        *tried(2, 0, 0.12, 0.2, "transient", number=2),
        [0.2, 2, "put", 30, 1, 1, 0],
        [0.22, 0, "set", None, 0],
        [0.3, 0, "return", None],
    )
    raw["events"] = [
        [*row[:4], 2, *row[5:]] if row[2] in ("put", "get") and row[3] != 30 else row
        for row in raw["events"]
        if row[2:5] != ["queue", None, 2]
    ]
    raw["events"][0] = [0.0, 0, "queue", None, 1, 0]
    raw["events"].insert(1, [0.0, 1, "queue", 40, 2, 3])
    return raw | names_in(outage.script())


def _drawing() -> Drawing:
    drawing = draw_raw(_raw())
    assert drawing is not None
    return drawing


def test_an_outage_is_a_band() -> None:
    """From the rule's time to its end; a break and an event that is set are moments."""
    assert _drawing().bands == (
        Band("call", "all running calls fail", 0.05, 0.05),
        Band("call", "fails", 0.1, 0.25),
        Band("stop", "set", 0.22, 0.22),
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(until=1, answers=True, slower=5.0), "slow"),
        (Rule(until=1, answers=True), "answers"),
        (Rule(until=1, slower=5.0), "slow"),
        (Rule(until=1, seconds=1.0), "other times"),
        (Rule(since=1, seconds=INF, every=4), "every 4th hangs"),
        (Rule(since=1, lost=True, every=2), "every 2nd answer lost"),
        (Rule(since=1, fails=True, items=(1,)), "some fails"),
        (Rule(since=1, error="<TimeoutError"), "TimeoutError"),
        (Rule(since=1, error=Own("PermanentError")), "PermanentError"),
    ],
)
def test_what_a_rule_does(rule: Rule, words: str) -> None:
    """Each kind of rule has its words; a rule for all times is no band."""
    assert [row[1] for row in names_in(Outage((rule,)).script())["bands"]] == [words]
    assert names_in(Outage((Rule(fails=True),)).script())["bands"] == []


def test_marks() -> None:
    """A try that was cancelled, and a put into the scenario's queue that nobody here reads."""
    (lane,) = [lane for lane in _drawing().lanes if lane.marks]
    assert lane.marks[0] == Mark(Sign.CANCELLED, 0.1)
    assert Mark(Sign.ASIDE, 0.2) in lane.marks


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_on_a_terminal(encoding: str) -> None:
    """Rows between the axis and the lanes, each with its name; the marks are in the legend."""
    text = draw(Timeline(_drawing()), 80, encoding)
    assert all(cell_len(line) <= 80 for line in text.splitlines())
    for words in ("all running calls fail", " fails ", " set\n", "set aside", "cancelled"):
        assert words in text
    assert [line[:4] for line in text.splitlines()[2:5]] == ["call", "call", "stop"]


def test_as_a_picture() -> None:
    """The band is shaded behind the lanes, and named above them."""
    picture = timeline_svg(_raw())
    assert picture.count('class="band"') == 3
    assert ">fails<" in picture


def test_rows_do_not_overlap() -> None:
    """Bands that say the same share a row unless they overlap."""
    one, two, three = (Band("call", "fails", at, at + 1.0) for at in (0.0, 0.5, 2.0))
    assert rows((one, two, three)) == [[one, three], [two]]
