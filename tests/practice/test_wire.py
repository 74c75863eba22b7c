"""What goes between a watcher and its worker comes out as it went in."""

from __future__ import annotations

import pytest

from grader.practice import wire
from grader.practice.events import Advanced, Graded, Progress, Troubled
from tests.practice.verdicts import verdict


def test_requests() -> None:
    """A run's number and its exercises."""
    assert wire.request_in(wire.request_line(3, ("ex1", "ex2"))) == (3, ["ex1", "ex2"])


def test_answers() -> None:
    """Each line is the event that it tells of, or that the worker is ready."""
    progress = Progress("ex1", "Starts.", 1, 4)
    assert wire.event_in(wire.ready_line()) is None
    assert wire.event_in(wire.advanced_line(3, progress)) == Advanced(3, progress)
    assert wire.event_in(wire.troubled_line(3, "Broken.")) == Troubled(3, "Broken.")
    results = (verdict("ex1"), verdict("ex2"))
    assert wire.event_in(wire.graded_line(3, results)) == Graded(3, results)


@pytest.mark.parametrize("line", [b"Traceback", b"{}", b"[]", b'{"run": 1, "results": [1]}', b"7"])
def test_anything_else(line: bytes) -> None:
    """A worker that broke down is not taken for one that speaks."""
    with pytest.raises(ValueError, match=r"not a|Expecting"):
        wire.event_in(line)
