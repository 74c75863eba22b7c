"""Finds where items are tried and counted, and where errors and cancellations are caught."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course.where.view import Places, Rule, View, called, is_constant, last_name

__all__ = [
    "breakpoints",
    "consumer_calls",
    "counted_consumed",
    "counted_failed",
    "counted_in_cleanup",
    "counted_retried",
    "either_error",
    "fixed_tries",
    "hidden_errors",
    "marks_or_counts_consumed",
    "marks_or_counts_failed",
    "other_errors_raised",
    "private",
    "private_changed",
    "quiet",
    "stats_copied_early",
    "stats_overwritten",
    "stats_replaced",
    "swallowed_cancellation",
    "uncalled_marks",
]


def fixed_tries(view: View) -> Places:
    if view.reads("attempts"):
        return []
    return [*_fixed_rounds(view)]


def _fixed_rounds(view: View) -> Iterator[ast.stmt]:
    for loop in view.nodes(ast.For):
        if called(loop.iter) == "range" and view.is_fixed(*loop.iter.args):
            yield loop
    for loop in view.nodes(ast.While):
        test = loop.test
        if isinstance(test, ast.Compare) and view.is_fixed(*test.comparators):
            yield loop


def quiet(view: View, *kinds: str, function: str = "consumer") -> Places:
    """Handlers of these exceptions that do not raise.

    kinds: names of exceptions; if empty, all except `TransientError` and `CancelledError`.
    """
    for handler in view.handlers(function):
        caught = view.caught(handler)
        wanted = caught & set(kinds) if kinds else caught - {"TransientError", "CancelledError"}
        if wanted and not any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
            yield handler
    for call in view.calls({"suppress"}):
        if view.function_of(call) == function:
            names = {last_name(argument) for argument in call.args}
            if names & set(kinds) if kinds else names - {"TransientError", "CancelledError"}:
                yield call
    yield from view.leaves_in_finally(function)


_EVERYTHING = ("CancelledError", "BaseException", "")


def swallowed_cancellation(view: View) -> Places:
    return quiet(view, *_EVERYTHING)


def hidden_errors(view: View) -> Places:
    yield from quiet(view, function="run_pipeline")
    for call in view.calls({"gather"}):
        if any(k.arg == "return_exceptions" and is_constant(k.value, True) for k in call.keywords):
            yield call


def other_errors_raised(view: View) -> Places:
    for node in view.nodes(ast.Raise):
        if node.exc is not None and view.around(node, ast.ExceptHandler):
            yield node


def private(view: View) -> Places:
    for node in view.nodes(ast.Attribute):
        hidden = node.attr.startswith("_") and not node.attr.startswith("__")
        if hidden and last_name(node.value) not in ("self", "cls"):
            yield node


def private_changed(view: View) -> Places:
    for node in private(view):
        parent = view.parent(node)
        if (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)) or (
            isinstance(parent, ast.Attribute) and parent.attr == "set"
        ):
            yield node


def _counted(key: str) -> Rule:
    """A rule that finds the statements that write the count `key`."""

    def rule(view: View) -> Places:
        return [node for node in view.counts() if view.key_of(node) == key]

    return rule


def counted_in_cleanup(view: View) -> Places:
    for node in view.counts():
        handlers = view.around(node, ast.ExceptHandler)
        wide = any(view.caught(h) - {"TransientError"} for h in handlers)
        if wide or view.in_finally(node):
            yield node


def stats_replaced(view: View) -> Places:
    for node in view.nodes(ast.Assign):
        replaced = any(last_name(target) == "stats" for target in node.targets)
        if replaced and view.function_of(node) == "consumer":
            yield node


def stats_copied_early(view: View) -> Places:
    for call in view.calls({"dict", "copy"}):
        of: ast.expr | None = next(iter(call.args), None)
        if isinstance(call.func, ast.Attribute):  # stats.copy()
            of = call.func.value
        copied = last_name(of) == "stats"
        if (
            copied
            and view.function_of(call) == "run_pipeline"
            and not view.around(call, ast.Return)
        ):
            yield call


def stats_overwritten(view: View) -> Places:
    for call in view.calls({"update"}):
        if isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "stats":
            yield call


def uncalled_marks(view: View) -> Places:
    return view.uncalled("task_done")


def _marks_or_counts(key: str) -> Rule:
    """A rule that finds an uncalled `task_done`, or else the statements that write the count `key`."""

    def rule(view: View) -> Places:
        return [*uncalled_marks(view)] or _counted(key)(view)

    return rule


def consumer_calls(view: View) -> Places:
    return view.calls({"consumer"})


def breakpoints(view: View) -> Places:
    return view.calls({"breakpoint", "set_trace"})


def either_error(view: View) -> Places:
    """`except A or B`, which catches only A."""
    return [one for one in view.handlers("consumer") if isinstance(one.type, ast.BoolOp)]


counted_consumed = _counted("consumed")
counted_retried = _counted("retried")
counted_failed = _counted("failed")
marks_or_counts_failed = _marks_or_counts("failed")
marks_or_counts_consumed = _marks_or_counts("consumed")
