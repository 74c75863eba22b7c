"""Where a parameter has another default than in the signature that the contract fixes."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from grader.course.where.view import ENTRIES, Places, View, is_constant

__all__ = ["other_defaults"]

_DEFAULTS: Mapping[str, float] = {
    "consumers": 3,
    "maxsize": 3,
    "attempts": 4,
    "delay": 0.03,
    "backoff": 2.0,
    "jitter": 0.25,
}


def other_defaults(view: View) -> Places:
    for function in view.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        if function.name in ENTRIES and view.at_import(function):
            given = function.args
            for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
                known = _DEFAULTS.get(argument.arg)
                if known is not None and default is not None and not is_constant(default, known):
                    yield default
