"""What comes from a learner's process is cut to a size that can be shown."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.runner.cutting import DEEPEST, MOST_VALUES, cut, shortened
from grader.trace.record import LONGEST_TEXT

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=9), _VALUES))
def test_what_is_small_stays(answer: dict[str, Any]) -> None:
    """An answer of a usual size comes through as it is."""
    assert cut(answer) == answer


def test_what_is_large_is_cut() -> None:
    """Strings end in a sign that there was more; lists, objects and their names are cut as well."""
    answer = cut({"end": {"type": "x" * 9_000, "y" * 900: 1}, "waits": [1] * 9_000})
    assert answer["end"]["type"] == "x" * (LONGEST_TEXT - 1) + "…"
    assert max(map(len, answer["end"])) == 200
    assert len(answer["waits"]) == MOST_VALUES


def test_what_is_deep_ends_somewhere() -> None:
    """Nesting is followed to a certain depth, below that of Python's own stack."""
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    found, depth = cut({"result": deep})["result"], 0
    while found:
        found, depth = found[0], depth + 1
    assert depth <= DEEPEST


def test_rows_are_left_to_the_trace() -> None:
    """Events stay whole; names of tasks are shortened."""
    rows = [[0.0, 1, "print", None, "z" * 5_000, None]]
    answer = cut({"events": rows, "tasks": ["t" * 9_000]})
    assert answer["events"] is rows
    assert len(answer["tasks"][0]) == LONGEST_TEXT


def test_only_text_is_shortened() -> None:
    """Anything else is handed back."""
    assert [shortened(value, 3) for value in ("abcd", "abc", 12345, None)] == [
        "ab…",
        "abc",
        12345,
        None,
    ]
