"""Finds parameter defaults that differ from those in the contract."""

from __future__ import annotations

import ast

from grader.course.where.view import Places, View, is_constant

__all__ = ["other_defaults"]


def other_defaults(view: View) -> Places:
    for function in view.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        fixed = view.contract.signature(function.name).defaults
        if fixed and view.at_import(function):
            given = function.args
            for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
                known = fixed.get(argument.arg)
                if known is not None and default is not None and not is_constant(default, known):
                    yield default
