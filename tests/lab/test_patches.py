"""Changes to other modules, and taking them back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader.lab.patches import Patches


def test_changes_are_taken_back_last_first() -> None:
    """An attribute that was set twice has its first value again after `undo`."""
    owner, patches = SimpleNamespace(x=1, y=2), Patches()
    patches.set(owner, "x", 10)
    patches.set(owner, "y", 20)
    patches.set(owner, "x", 100)
    assert (owner.x, owner.y) == (100, 20)
    patches.undo()
    assert (owner.x, owner.y) == (1, 2)
    patches.undo()
    assert (owner.x, owner.y) == (1, 2)


def test_what_is_not_there_cannot_be_set() -> None:
    """A misspelled name is an error, not a new attribute."""
    with pytest.raises(AttributeError):
        Patches().set(SimpleNamespace(), "x", 1)


def test_what_was_deleted_meanwhile_comes_back() -> None:
    """Undoing restores an attribute that the learner's code took away."""
    owner, patches = SimpleNamespace(x=1), Patches()
    patches.set(owner, "x", 2)
    del owner.x
    patches.undo()
    assert owner.x == 1
