"""The random parts of scenarios: within bounds, repeatable, and at no round time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.course.api import Draw


@given(st.text(max_size=8), st.floats(0.001, 9), st.floats(0.002, 9))
def test_seconds(seed: str, low: float, span: float) -> None:
    """A time lies between its bounds, repeats with the seed, and is no whole number of milliseconds."""
    draws = [Draw(seed).seconds(low, low + span) for _ in range(2)]
    assert draws[0] == draws[1]
    assert low - 1e-6 <= draws[0] <= low + span + 1e-6
    assert round(draws[0] * 1e6) % 1000


def test_checks_share_a_draw() -> None:
    """What is drawn under a name is the same for all checks of an exercise, and for no other name."""
    one, other = Draw("5/ex4/test_a", "5/ex4"), Draw("5/ex4/test_b", "5/ex4")
    assert one.shared("herd").items(3) == other.shared("herd").items(3)
    assert one.shared("herd").seconds(1, 2) != one.shared("crowd").seconds(1, 2)
