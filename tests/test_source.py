"""A learner's source as a syntax tree: whatever it is, nothing is raised and nothing is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.source import syntax_tree


@given(st.text(max_size=200))
def test_any_text_has_a_tree_or_none(source: str) -> None:
    """What Python cannot compile has no tree; anything else has its statements."""
    tree = syntax_tree(source)
    assert tree is None or isinstance(tree.body, list)


@pytest.mark.parametrize("source", ["def f(:", "(" * 5_000, "\0", "-" * 100_000 + "1"])
def test_what_cannot_be_read_has_none(source: str) -> None:
    """No Python, too deep, or no text at all."""
    assert syntax_tree(source) is None


def test_a_limit_is_kept() -> None:
    """A source of more characters than allowed is not read."""
    assert syntax_tree("x = 1", largest=5) is not None
    assert syntax_tree("x = 12", largest=5) is None


def test_a_warning_is_nobodys_affair(recwarn: pytest.WarningsRecorder) -> None:
    """A backslash in a learner's string is no word of the grader's."""
    assert syntax_tree("x = '\\d'") is not None
    assert not recwarn.list
