"""A class in each platform's layout through a term; `nox -s proofs -- layouts` does it with 300."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.class_layouts import PLATFORMS, go_through

FEW = 13  # with every case: nothing handed in, a grade by hand, late, extended, decided


@pytest.mark.proof
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_cell_is_right(platform: str, tmp_path: Path) -> None:
    """And no other byte is changed: graded, filled, regraded with late work, and taken back in."""
    assert go_through(PLATFORMS[platform], FEW, tmp_path) == FEW
