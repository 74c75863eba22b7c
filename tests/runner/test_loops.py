"""Which loop spins: the same wherever in it the program was looked at."""

from __future__ import annotations

import pytest

from grader.runner.loops import spinning
from grader.source import LARGEST

CONSUMER = """\
async def consumer(q):
    while True:
        item = await q.get()
        while not ready(item):
            if late(item):
                for k in range(9):
                    nothing(k)
            pause()

def pause():
    x = 1
    for _ in range(3):
        x += 1

def ready(item):
    return False

async def spins():
    while True:
        await never_waits()

async def never_waits():
    pass
"""


@pytest.mark.parametrize(
    ("stack", "line"),
    [
        ([4], 4),
        ([5], 4),
        ([7], 4),
        ([16, 4], 4),  # in a function that the loop calls
        ([13, 8], 4),  # in a loop of such a function
        ([13], 12),
        ([11], 11),  # no loop at all
        ([2], 2),
        ([23, 20], 19),  # it awaits what never waits
        ([], None),
        ([99], 99),
    ],
)
def test_the_loop_that_nobody_can_interrupt(stack: list[int], line: int | None) -> None:
    """It is the outermost one without an await, or else the innermost one."""
    assert spinning(CONSUMER, stack).line == line


@pytest.mark.parametrize("source", ["while True\n  pass", "(" * 5_000, "x = 1\n" * LARGEST, "\0"])
def test_what_cannot_be_read_has_a_line_all_the_same(source: str) -> None:
    """A source that is no Python, or far too much of it, leaves the line of the stack."""
    assert spinning(source, [1]) == (1, False)


def test_nested_functions_and_one_liners() -> None:
    """A loop around a function is none around its lines, and a loop may be one line."""
    source = "while True:\n    def f():\n        while True: pass\n    f()\n"
    assert spinning(source, [3]) == (3, False)
    assert spinning(source, [3, 4]).line == 1
