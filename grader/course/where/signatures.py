"""Compares parameter defaults with those in the contract."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from grader.course.where.view import Places, View, is_constant

__all__ = ["as_fixed", "other_defaults"]


def other_defaults(view: View) -> Places:
    for function in view.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        fixed = view.contract.signature(function.name).defaults
        if fixed and view.at_import(function):
            given = function.args
            for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
                known = fixed.get(argument.arg)
                if known is not None and default is not None and not is_constant(default, known):
                    yield default


def as_fixed(view: View) -> frozenset[str]:
    """The parameters whose every default in the module is the one in the contract."""
    fixed: dict[str, Any] = {}
    for signature in view.contract.functions.values():
        fixed |= signature.defaults
    same: set[str] = set()
    others: set[str] = set()
    for name, default in _defaults(view):
        if name in fixed:
            (same if is_constant(default, fixed[name]) else others).add(name)
    return frozenset(same - others)


def _defaults(view: View) -> Iterator[tuple[str, ast.expr]]:
    """All parameters that have a default, with it."""
    for function in view.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda):
        given = function.args
        by_place = [*given.posonlyargs, *given.args]
        pairs = [
            *zip(by_place[::-1], given.defaults[::-1], strict=False),
            *zip(given.kwonlyargs, given.kw_defaults, strict=True),
        ]
        yield from ((one.arg, default) for one, default in pairs if default is not None)
