"""What goes between a worker and whoever it grades for comes out as it went in."""

from __future__ import annotations

import pytest

from grader import wire
from tests.practice.verdicts import verdict

PROGRESS = wire.Progress("ex1", "Starts.", 1, 4)


def test_requests() -> None:
    """A run's number, and what is to be graded."""
    request = wire.Request(3, {"seed": 7, "modules": ["ex1"]})
    assert wire.request_in(wire.request_line(request)) == request


@pytest.mark.parametrize(
    "answer",
    [
        wire.Ready(),
        wire.Ready(("ex2",)),
        wire.Advanced(3, PROGRESS),
        wire.Graded(3, (verdict("ex1"), verdict("ex2"))),
        wire.Graded(3, (), grown=True),
        wire.Troubled(3, "Broken."),
        wire.Troubled(3, "No room.", busy=True),
    ],
)
def test_answers(answer: wire.Answer) -> None:
    """Each line is the answer that was given."""
    line = wire.answer_line(answer)
    assert line.count(b"\n") == 1
    assert wire.answer_in(line) == answer


@pytest.mark.parametrize(
    "line", [b"", b"Traceback", b"{}", b"[]", b'{"run": 1, "results": [1], "grown": false}', b"7"]
)
def test_anything_else(line: bytes) -> None:
    """A worker that broke down is not taken for one that speaks."""
    with pytest.raises(ValueError, match=r"not a|Expecting"):
        wire.answer_in(line)
