"""Converts a handed-in module to plain data and back, for the pipe to a worker."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from grader.course.catalog import resolve
from grader.judge import Module
from grader.results import Outcome

__all__ = ["module_data", "module_from"]


def module_data(module: Module) -> dict[str, Any]:
    """Return a module as plain data."""
    data = module.data
    return {
        "exercise": module.entry.id,
        "path": module.path,
        "data": None if data is None else base64.b64encode(data).decode("ascii"),
        "outcome": module.outcome.value,
        "note": module.note,
    }


def module_from(row: Mapping[str, Any]) -> Module:
    """Return the module that `module_data` converted."""
    data = None if row["data"] is None else base64.b64decode(row["data"])
    entry = resolve(row["exercise"])
    return Module(entry, row["path"], data, Outcome(row["outcome"]), row["note"])
