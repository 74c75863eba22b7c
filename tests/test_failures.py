"""The words that failures of checks have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.kit.failures import span


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.03, "0.03 s"),
        (0.00002, "0.00002 s"),
        (7.5, "7.5 s"),
        (123.456, "123 s"),
        (999.7, "1,000 s"),
        (5000.0, "5,000 s"),
    ],
)
def test_a_span_is_read_at_a_glance(seconds: float, shown: str) -> None:
    """Three digits, or all before the point."""
    assert span(seconds) == shown


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_a_span_is_true(seconds: float) -> None:
    """To three digits, and without an exponent."""
    number, unit = span(seconds).split()
    assert (unit, "e" in number) == ("s", False)
    assert float(number.replace(",", "")) == pytest.approx(seconds, rel=0.006, abs=1e-9)
