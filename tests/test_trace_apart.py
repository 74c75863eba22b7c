"""What is told apart in a record: equal names, and an object that is handed out twice."""

from __future__ import annotations

from typing import Any

from grader.render.measures import measure, read
from grader.render.timeline.draw import draw_raw
from grader.trace import Trace
from tests.render.samples import trace

Row = list[Any]

CREW = {"tasks": ["lab", "C1", "C2"], "crew": [1, 2], "called": ["consumer", "consumer"]}
SERVICE = 0


def _read(*rows: Row, items: list[str], **changes: Any) -> Trace:
    ordered = sorted(rows, key=lambda row: row[0])
    named = {"items": items, "clock": ordered[-1][0], "end": {"how": "quiet"}} | CREW | changes
    found = read(trace(*ordered, **named))
    assert found is not None
    return found


def _tried(task: int, start: float, number: int, outcome: str, item: int = 0) -> list[Row]:
    end = start + 0.05
    return [
        [start, task, "begin", 20, item, number, SERVICE],
        [end, task, "finish", 20, item, number, outcome, SERVICE],
    ]


TWICE: list[Row] = [
    [0.0, 0, "put", None, 1, 1, 0],
    [0.0, 0, "put", None, 1, 2, 0],
    [0.0, 1, "get", 18, 1, 1, 0],
    [0.0, 2, "get", 18, 1, 0, 0],
    *_tried(1, 0.0, 1, "transient"),
    *_tried(2, 0.001, 2, "transient"),
    *_tried(2, 0.085, 3, "ok"),
    *_tried(1, 0.09, 4, "ok"),
]


def test_an_object_that_is_put_twice_is_two_items() -> None:
    """Each of the two has its own tries, pauses and name, whoever has which in hand."""
    found = _read(*TWICE, items=["tea"])
    assert found.items == ("tea (1st)", "tea (2nd)")
    assert [(one.item, one.number, one.task) for one in found.tries] == [
        (0, 1, 1),
        (1, 1, 2),
        (1, 2, 2),
        (0, 2, 1),
    ]
    assert [round(retry.pause, 3) for retry in found.retries] == [0.04, 0.034]
    assert measure(found).others == 1
    drawing = draw_raw(found.raw)
    assert drawing is not None
    labels = [[span.label for span in lane.spans if span.label] for lane in drawing.lanes]
    assert labels == [["tea (1st)", "tea (1st):2"], ["tea (2nd)", "tea (2nd):2"]]


def test_an_object_that_a_source_gives_twice_is_two_items() -> None:
    """Also where it goes through the queue in a wrapping, which tells nobody what is inside."""
    found = _read(
        [0.0, 1, "take", 10, 0],
        [0.0, 1, "put", 11, 1, 1, None],
        [0.0, 2, "get", 18, 1, 0, None],
        *_tried(2, 0.0, 1, "transient"),
        *_tried(2, 0.1, 2, "transient"),
        [0.15, 1, "take", 10, 0],
        [0.15, 1, "put", 11, 1, 1, None],
        [0.16, 2, "get", 18, 1, 0, None],
        *_tried(2, 0.16, 3, "ok"),
        items=["tea"],
        crew=[],
    )
    assert [(one.item, one.number) for one in found.tries] == [(0, 1), (0, 2), (1, 1)]


def test_what_is_put_back_is_the_same_item() -> None:
    """A learner's put hands out nothing new."""
    found = _read(
        [0.0, 0, "put", None, 1, 1, 0],
        [0.0, 1, "get", 18, 1, 0, 0],
        *_tried(1, 0.0, 1, "transient"),
        [0.05, 1, "put", 25, 1, 1, 0],
        [0.05, 2, "get", 18, 1, 0, 0],
        *_tried(2, 0.05, 2, "ok"),
        items=["tea"],
    )
    assert found.items == ("tea",)
    assert [(one.item, one.number) for one in found.tries] == [(0, 1), (0, 2)]


def test_one_of_two_that_is_put_back_keeps_its_place() -> None:
    """The other one is not taken for it."""
    found = _read(
        [0.0, 0, "put", None, 1, 1, 0],
        [0.0, 0, "put", None, 1, 2, 0],
        [0.0, 1, "get", 18, 1, 1, 0],
        *_tried(1, 0.0, 1, "transient"),
        [0.05, 1, "put", 25, 1, 2, 0],
        [0.05, 1, "get", 18, 1, 1, 0],
        *_tried(1, 0.05, 2, "ok"),
        [0.1, 1, "get", 18, 1, 0, 0],
        *_tried(1, 0.1, 3, "ok"),
        items=["tea"],
    )
    assert [(one.item, one.number) for one in found.tries] == [(0, 1), (1, 1), (0, 2)]


def test_equal_names_are_numbered() -> None:
    """Only those that are equal, and each by its place."""
    names = ["tea", "milk", *["tea"] * 22]
    found = _read([0.0, 0, "put", None, 1, 1, 0], items=names)
    assert found.items[:3] == ("tea (1st)", "milk", "tea (2nd)")
    assert [found.items[place] for place in (3, 11, 12, 13, 21, 22)] == [
        "tea (3rd)",
        "tea (11th)",
        "tea (12th)",
        "tea (13th)",
        "tea (21st)",
        "tea (22nd)",
    ]
