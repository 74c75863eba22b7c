"""The table of measurements still measures something: each row of it once, on two exercises."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from grader.course.catalog import resolve
from tests import bench

pytestmark = [pytest.mark.once, pytest.mark.skipif(not hasattr(os, "openpty"), reason="no POSIX")]


@pytest.fixture(autouse=True)
def briefly() -> Iterator[None]:
    """Each side is measured once, and of the course there are two exercises."""
    some = (resolve("ex1_add_maxsize"), resolve("ex14_break_the_circuit"))
    names: dict[str, Any] = {"ROUNDS": 1, "FEW_ROUNDS": 1, "SAVES": 2, "exercises": lambda: some}
    tracks: dict[str, Any] = {"tracks": lambda: {bench.LESSON: some[:1]}}
    with mock.patch.multiple(bench, **names, **tracks):
        yield


@pytest.mark.parametrize(
    "row",
    [bench.lab_over_floor, bench.lesson, bench.deadlock, bench.wide_ranges, bench.save_to_verdict],
)
def test_each_row_is_measured(row: Callable[[], bench.Row]) -> None:
    """It has two sides, one of which may be a difference, and is printed."""
    found = row()
    assert found.below > 0
    assert str(found).startswith(found.what)
