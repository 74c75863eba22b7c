"""Finds where the queue is made, filled and logged, and where consumers start and end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course.where.view import Places, View, called, is_constant, last_name

__all__ = [
    "all_tries_at_once",
    "awaited_after_cancel",
    "barriers",
    "cancels",
    "condition_of_log",
    "end_mark_by_value",
    "items_looked_up",
    "lone_consumer",
    "put_lines",
    "puts_that_give_up",
    "queue_of_another_kind",
    "queue_with_fixed_bound",
    "queue_with_other_bound",
    "queue_without_bound",
    "returns",
    "slots",
    "truth_of_items",
    "ways_out",
    "work_in_a_task",
]

_QUEUES = {"Queue", "LifoQueue", "PriorityQueue"}


def _only_queue(view: View) -> ast.Call | None:
    made = list(view.calls(_QUEUES))
    return made[0] if len(made) == 1 else None


def _bound(queue: ast.Call) -> ast.expr | None:
    """The `maxsize` argument, if there is one."""
    named = [keyword.value for keyword in queue.keywords if keyword.arg == "maxsize"]
    return next(iter([*queue.args, *named]), None)


def queue_without_bound(view: View) -> Places:
    queue = _only_queue(view)
    if queue is None:
        return []
    bound = _bound(queue)
    unbounded = not queue.keywords if bound is None else is_constant(bound, 0)
    return [queue] if unbounded else []


def queue_with_fixed_bound(view: View) -> Places:
    queue = _only_queue(view)
    bound = _bound(queue) if queue is not None else None
    fixed = bound is not None and not is_constant(bound, 0) and view.is_fixed(bound)
    return [queue] if queue is not None and fixed else []


def queue_with_other_bound(view: View) -> Places:
    queue = _only_queue(view)
    bound = _bound(queue) if queue is not None else None
    return [queue] if queue is not None and isinstance(bound, ast.BinOp) else []


def queue_of_another_kind(view: View) -> Places:
    return view.calls({"LifoQueue", "PriorityQueue"})


def puts_that_give_up(view: View) -> Places:
    for handler in view.handlers("run_pipeline"):
        if "QueueFull" in view.caught(handler) and not any(view.calls({"put"}, handler)):
            yield handler
    for call in view.calls({"wait_for"}):
        if call.args and called(call.args[0]) == "put":
            yield call
    for call in view.calls({"next"}):
        if call.args and called(call.args[0]) == "iter":  # an iterator used only once
            yield call
    for call in view.calls({"get_nowait"}):
        if view.function_of(call) == "run_pipeline":
            yield call


def put_lines(view: View) -> Iterator[ast.Call]:
    for call in view.calls():
        if any(isinstance(node, ast.Constant) and _is_put_word(node) for node in ast.walk(call)):
            yield call


def _is_put_word(node: ast.Constant) -> bool:
    return isinstance(node.value, str) and "PROD" in node.value.upper()


def condition_of_log(view: View) -> Places:
    """The condition under which the only line is printed, or else that line: it stands elsewhere."""
    lines = list(put_lines(view))
    return (view.around(lines[0], ast.If) or lines) if len(lines) == 1 else []


STARTS = {"create_task", "ensure_future", "gather"}


def lone_consumer(view: View) -> Places:
    if view.reads("consumers"):
        return []
    tasks = list(view.calls(STARTS - {"gather"}))
    ranges = [call for call in view.calls({"range"}) if view.is_fixed(*call.args)]
    if ranges:
        rounds = {one for task in tasks for one in view.rounds(task)}
        return [call for call in ranges if not rounds.isdisjoint(view.rounds(call))]
    return [task for task in tasks if len(tasks) == 1 and not view.rounds(task)]


def work_in_a_task(view: View) -> Places:
    for call in view.calls(STARTS - {"gather"}):
        if call.args and called(call.args[0]) in ("work", "process_item"):
            yield call


def all_tries_at_once(view: View) -> Places:
    for call in view.calls({"gather"}):
        if any(called(node) == "process_item" for node in ast.walk(call)):
            yield call


def ways_out(view: View) -> Places:
    """The places where a consumer's loop can end."""
    for loop in view.nodes(ast.While):
        if any(called(node) in ("empty", "qsize") for node in ast.walk(loop.test)):
            yield loop
    yield from (h for h in view.handlers("consumer") if "QueueEmpty" in view.caught(h))
    yield from returns(view)


def returns(view: View) -> Places:
    return [node for node in view.nodes(ast.Return) if view.function_of(node) == "consumer"]


def slots(view: View) -> Places:
    return view.calls({"Semaphore", "BoundedSemaphore"})


def cancels(view: View) -> Places:
    return [*view.calls({"cancel"}), *view.uncalled("cancel")]


def barriers(view: View) -> Places:
    """The places where a loop waits for all work before it takes the next items."""
    for call in view.calls({"gather", "join", "wait"}):
        if view.rounds(call):
            yield call


def truth_of_items(view: View) -> Places:
    got = view.items()
    for node in view.nodes(ast.If, ast.While, ast.IfExp):
        test = node.test
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = test.operand
        if isinstance(test, ast.NamedExpr):
            test = test.target
        if isinstance(test, ast.Name) and test.id in got:
            yield node


def items_looked_up(view: View) -> Places:
    """The places that look an item up in a collection, where it may match an earlier equal item."""
    got = view.items()
    for node in view.nodes(ast.Compare):
        looked_up = isinstance(node.ops[0], ast.In | ast.NotIn)
        if looked_up and isinstance(node.left, ast.Name) and node.left.id in got:
            yield node


def end_mark_by_value(view: View) -> Places:
    got = view.items()
    for node in view.nodes(ast.Compare):
        left, right = node.left, node.comparators[0]
        names = {side.id for side in (left, right) if isinstance(side, ast.Name)}
        if names & got and any(is_constant(side) for side in (left, right)):
            yield node


def awaited_after_cancel(view: View) -> Places:
    for call in view.calls({"gather"}):
        if not any(keyword.arg == "return_exceptions" for keyword in call.keywords):
            yield call
    for node in view.nodes(ast.Await):
        loops = view.around(node, ast.For)
        targets = {name for loop in loops for name in [last_name(loop.target)]}
        if isinstance(node.value, ast.Name) and node.value.id in targets:
            yield node
