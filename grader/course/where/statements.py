"""Finds calls without their parentheses: statements that name a method, and do nothing."""

from __future__ import annotations

import ast

from grader.course.kit.failures import lines
from grader.course.where.view import View

__all__ = ["uncalled"]

# What is asked of asyncio's queues, tasks, locks and events, and of the module itself.
_METHODS = (
    *("acquire", "cancel", "clear", "create_task", "empty", "exception", "full", "gather", "get"),
    *(
        "get_nowait",
        "join",
        "notify",
        "notify_all",
        "put",
        "put_nowait",
        "qsize",
        "release",
        "result",
    ),
    *("set", "shutdown", "sleep", "task_done", "wait", "wait_for"),
)


def uncalled(view: View) -> tuple[int, str] | None:
    """The line of the first such statement, and a sentence that says so; None if there is none."""
    own = {node.name for node in view.nodes(ast.FunctionDef, ast.AsyncFunctionDef)}
    alone = (statement.value for statement in view.nodes(ast.Expr))
    found = [
        one
        for one in alone
        if isinstance(one, ast.Attribute) and (one.attr in _METHODS or one.attr in own)
    ]
    if not found:
        return None
    first = min(found, key=lambda one: one.lineno)
    text = ast.unparse(first)
    same: list[int | None] = [one.lineno for one in found if ast.unparse(one) == text]
    return first.lineno, f"`{text}` has no parentheses{lines(same)}: it is named, and never called."
