"""A busy machine never turns right into wrong, and every run with one seed is the same.

A few runs and seeds of some exercises; `nox -s proofs` takes many of all.
"""

from __future__ import annotations

import random

import pytest

from tests.corpus import EXERCISES
from tests.proofs import busy, different_runs, failing_seeds

pytestmark = pytest.mark.proof
SAMPLE = random.Random(20260).sample(EXERCISES, 6)


def test_runs_repeat_on_a_busy_machine() -> None:
    """With four busy processes beside them, all runs pass and give the same JSON."""
    with busy(4):
        assert different_runs(2, only=SAMPLE) == (0, 0)


def test_seeds_pass_the_solutions() -> None:
    """The references pass with whatever seed."""
    assert failing_seeds(2, only=SAMPLE) == []
