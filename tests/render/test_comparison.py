"""A diff between two versions of a module."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.render.comparison import Comparison
from tests.render.drawing import draw

MINE = '"""The task,\n\nat length."""\nimport asyncio\n\n\ndef a():\n    return 1\n'
OTHER = '"""The reference."""\nimport asyncio\n\n\ndef a():\n    return 2\n'


def test_shows_what_differs() -> None:
    """The learner's line with its number in the file, and the reference's, told apart by signs."""
    lines = draw(Comparison(MINE, OTHER)).splitlines()
    assert lines[-2:] == [" 8 -     return 1", "   +     return 2"]
    assert lines[0] == " 5"


def test_docstrings_are_not_compared() -> None:
    """The assignment is no part of the work, nor are line ends and blanks at the end of lines."""
    same = Comparison(
        MINE.replace("\n", "  \r\n"), '"""Other."""\n' + MINE.partition('th."""\n')[2]
    )
    assert same.same


def test_what_cannot_be_parsed_is_compared_all_the_same() -> None:
    """A learner who asks for the reference may have written anything."""
    text = draw(Comparison("def a(:\n", OTHER))
    assert " 1 - def a(:" in text
    assert "+ import asyncio" in text


def test_distant_differences_are_apart() -> None:
    """Between two of them the equal lines are left out, visibly."""
    middle = "".join(f"x{n} = {n}\n" for n in range(30))
    text = draw(Comparison("a = 1\n" + middle + "b = 1\n", "a = 2\n" + middle + "b = 2\n"))
    assert "\n    ...\n" in text
    assert "x15" not in text


def test_an_expression_first_is_no_docstring() -> None:
    """Only a docstring is left out at the top."""
    assert not Comparison("print(1)\n", "print(2)\n").same


@given(
    st.lists(st.text(max_size=60), max_size=12),
    st.lists(st.text(max_size=60), max_size=12),
    st.integers(40, 120),
)
def test_fits_any_screen(mine: list[str], other: list[str], width: int) -> None:
    """Whatever the two hold, no line is wider than the screen, and every sign is one of three."""
    for line in draw(Comparison("\n".join(mine), "\n".join(other)), width).split("\n"):
        assert cell_len(line) <= width


def test_lines_of_an_old_mac() -> None:
    """Bare carriage returns end lines for Python, and so they do here."""
    shown = draw(Comparison('"""a\rb"""\rx = 1\ry = 2\r', '"""a\nb"""\nx = 1\ny = 3\n'))
    assert "y = 2" in shown
    assert "x = 2" not in shown
