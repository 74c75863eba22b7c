"""What only helps a reader may fail."""

from __future__ import annotations

import pytest

from grader.contained import contained
from grader.course.catalog import find_root
from grader.results import Outcome
from tests.grading import grade_sources


def test_what_it_returns_or_the_other() -> None:
    """An error of any kind becomes the other value; Ctrl-C goes on."""

    def too_deep() -> int:
        return too_deep() + 1

    def stopped() -> int:
        raise KeyboardInterrupt

    assert contained(lambda: 3, 0) == 3
    assert contained(too_deep, 0) == 0
    with pytest.raises(KeyboardInterrupt):
        contained(stopped, 0)


@pytest.mark.parametrize(
    "odd",
    [
        "asyncio" + ".a" * 900 + " = 1",
        "x = " + "(" * 90 + "1" + ")" * 90,
        "x = 1" + " + 1" * 900,
        "x = " + "f(" * 80 + ")" * 80,
    ],
)
def test_one_odd_line_costs_no_verdict(odd: str) -> None:
    """However deep a line of the source nests, a right solution stays one."""
    name = "ex2_build_retry_loop"
    source = (find_root() / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    result = grade_sources({name: f"{source}\nif 0:\n    {odd}\n"}, seed=3)[name]
    assert result.outcome is Outcome.PASSED
