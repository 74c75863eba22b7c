"""A busy machine never turns right into wrong, and every run with one seed is the same."""

from __future__ import annotations

import pytest

from tests.proofs import busy, different_runs, failing_seeds

pytestmark = pytest.mark.proof


def test_runs_repeat_on_a_busy_machine() -> None:
    """With four busy processes beside them, all runs pass and give the same JSON."""
    with busy(4):
        assert different_runs(3) == (0, 0)


def test_seeds_pass_the_solutions() -> None:
    """The references pass with whatever seed."""
    assert failing_seeds(4) == []
