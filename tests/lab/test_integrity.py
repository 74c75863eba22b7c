"""Noticing that a module changed what the lab stands on."""

from __future__ import annotations

import asyncio
import builtins
import json
from typing import Any

import pytest

from grader.lab.integrity import Seal


def test_an_unbroken_seal() -> None:
    """While nothing is changed, nothing is reported; new names are no change."""
    seal = Seal()
    builtins.something_new = 1  # type: ignore[attr-defined]  # a name of ours
    try:
        assert seal.broken() == []
    finally:
        del builtins.something_new  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("owner", "name", "told"),
    [
        (builtins, "len", "builtins.len"),
        (builtins, "vars", "builtins.vars"),
        (json, "dumps", "json.dumps"),
        (asyncio.Queue, "put", "Queue.put"),
        (asyncio.events, "get_running_loop", "asyncio.events.get_running_loop"),
    ],
)
def test_a_broken_seal(owner: Any, name: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was replaced or taken away is named by owner and name."""
    seal = Seal()
    monkeypatch.setattr(owner, name, lambda *_values: None)
    replaced = seal.broken()
    monkeypatch.undo()
    monkeypatch.delattr(owner, name)
    removed = seal.broken()
    monkeypatch.undo()
    assert replaced == removed == [told]
    assert seal.broken() == []
