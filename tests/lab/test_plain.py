"""Plain data: nothing of the learner's gets through, and nothing of theirs is called."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from grader.lab.plain import plain

_SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20)
_SMALL = st.recursive(
    _SCALARS | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=3,
)


class Trap:
    """Does harm, or lies, whenever it is asked anything."""

    __class__ = dict  # type: ignore[assignment]  # the lie

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")

    def __str__(self) -> str:
        raise AssertionError("asked for words")

    __repr__ = __str__


class Wild(dict[str, Any]):
    """A dict that lies about what it holds."""

    def items(self) -> Any:
        raise AssertionError("asked for items")

    __iter__ = keys = items


@given(_SMALL)
def test_plain_data_stays_as_it_is(value: Any) -> None:
    """JSON data of moderate depth comes through unchanged."""
    assert _cut(plain(value, depth=9)) == _cut(value)


def _cut(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_foreign_objects_become_their_types_names() -> None:
    """Any other object is only named, and never asked for anything."""
    assert plain(Trap()) == {"object": "Trap"}
    assert plain(Wild(a=Trap())) == {"a": {"object": "Trap"}}
    assert plain({1: 2, "x": {3}}) == {"x": {"object": "set"}}
    assert plain((1, "a")) == [1, "a"]


def test_named_tuples_are_tuples() -> None:
    """A subclass of list or tuple is read past what it says of itself."""

    class Letter(NamedTuple):
        item: int
        tries: int

    class Liar(list[int]):
        def __iter__(self) -> Any:
            raise AssertionError("asked for its values")

        __getitem__ = __len__ = __iter__  # type: ignore[assignment]

    assert plain(Letter(7, 4)) == [7, 4]
    assert plain((Liar([1, 2]), 3)) == [[1, 2], 3]


def test_subclasses_of_scalars_are_foreign() -> None:
    """A subclass of int or str may lie, so it counts as an object."""

    class Int(int):
        pass

    class Text(str):
        __slots__ = ()

    assert plain(Int(3)) == {"object": "Int"}
    assert plain([Text("x")]) == [{"object": "Text"}]


def test_what_differs_stays_different() -> None:
    """Texts that differ beyond the bound, or in what UTF-8 cannot hold, are told apart, and fit."""
    texts = ["x" * 1_000, "x" * 999 + "y", "y" + "x" * 999, "x" * 500 + "y" + "x" * 499, "é" * 201]
    texts += ["\ud800", "\ud801", "\ufffd", "x" * 199 + "\ud800", "x" * 199 + "\ud801"]
    told = [plain(text) for text in texts]
    assert len(set(told)) == len(texts)
    assert all(len(text.encode()) <= 400 for text in told)
    assert plain("é" * 200) == "é" * 200


def test_a_class_does_not_say_what_it_is_called() -> None:
    """The name is read past the metaclass, and is a plain str, cut."""

    class Kind(type):
        @property
        def __name__(cls) -> str:  # type: ignore[override]
            raise AssertionError

    class Text(str):
        __slots__ = ()

        def __getitem__(self, _part: object) -> str:
            raise AssertionError

    assert plain([Kind("Odd", (), {})()]) == [{"object": "Odd"}]
    assert plain([type(Text("n" * 1_000), (), {})()]) == [{"object": "n" * 100}]


def test_everything_has_a_bound() -> None:
    """Long texts, long lists, deep nesting and huge numbers are cut down."""
    assert len(plain("x" * 1_000)) == 200
    assert len(plain(list(range(1_000)))) == 200
    assert len(plain({str(n): n for n in range(1_000)})) == 200
    assert plain({"k" * 1_000: 1}) == {"k" * 200: 1}
    assert plain([[[[1]]]]) == [[[{"object": "list"}]]]
    assert plain(10**5_000) == {"object": "int"}
