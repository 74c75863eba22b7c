"""The faults that an expression can have.

An operator takes an expression, and what is known of the function around it; it yields the same
expression with one fault, in each way that it knows, and never changes what it was given.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["EXPRESSIONS", "Scope", "changed"]


@dataclass(frozen=True)
class Scope:
    """The function around an expression: its parameters that have numbers as defaults."""

    numbers: Mapping[str, ast.expr] = field(default_factory=dict)


def changed(node: Any, **fields: Any) -> Any:
    """A shallow copy of a node, with some fields replaced."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def comparison(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """`a < b` with each of the other operators of its kind."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq):
            if not isinstance(node.ops[0], kind):
                yield changed(node, ops=[kind()])


def arithmetic(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """`a + b` with each of the other operators."""
    if isinstance(node, ast.BinOp):
        for kind in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow):
            if not isinstance(node.op, kind):
                yield changed(node, op=kind())


def operand(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """`a + b` without one of the two, or the other way round."""
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right
        if not isinstance(node.op, ast.Add | ast.Mult):  # of numbers: the same either way
            yield changed(node, left=node.right, right=node.left)


def logic(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """`and` for `or`, and a `not` less."""
    if isinstance(node, ast.BoolOp):
        yield changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand


def constant(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """Another number, another string, the other truth value."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    others: tuple[Any, ...] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1, -value, value * 10)
    elif isinstance(value, float):
        others = (value * 2, value / 2, -value, 0.0)
    elif isinstance(value, str):
        others = ("", value + "x", value.swapcase())
    for other in dict.fromkeys(others):
        if other != value or type(other) is not type(value):
            yield changed(node, value=other)


def without_await(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """A coroutine that nobody awaits, or that runs beside."""
    if isinstance(node, ast.Await):
        yield node.value
        make = ast.Attribute(ast.Name("asyncio", ast.Load()), "ensure_future", ast.Load())
        yield ast.Call(make, [node.value], [])


def argument_dropped(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """A call with an argument less."""
    if isinstance(node, ast.Call):
        for place in range(len(node.args)):
            yield changed(node, args=[*node.args[:place], *node.args[place + 1 :]])
        for place in range(len(node.keywords)):
            yield changed(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])


def arguments_swapped(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """A call with two neighbouring arguments in each other's place."""
    if not isinstance(node, ast.Call):
        return
    for place in range(len(node.args) - 1):
        one, other = node.args[place : place + 2]
        if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
            yield changed(node, args=[*node.args[:place], other, one, *node.args[place + 2 :]])
    for place in range(len(node.keywords) - 1):
        left, right = node.keywords[place : place + 2]
        swapped = [changed(left, value=right.value), changed(right, value=left.value)]
        yield changed(
            node, keywords=[*node.keywords[:place], *swapped, *node.keywords[place + 2 :]]
        )


def parameter_fixed(node: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """The default of a parameter, whatever the caller said."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.numbers:
        yield scope.numbers[node.id]


def parameter_confused(node: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """Another number that the caller handed in."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.numbers:
        for other in scope.numbers:
            if other != node.id:
                yield ast.Name(other, ast.Load())


# What lies next to it in the documentation, and is not the same.
NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "asyncio.Queue": ("asyncio.LifoQueue", "asyncio.PriorityQueue"),
    "asyncio.sleep": ("time.sleep",),
    "q.put": ("q.put_nowait",),
    "q.get": ("q.get_nowait",),
    "q.join": ("q.get", "q.empty"),
    "q.qsize": ("q.empty", "q.full"),
    "q.task_done": ("q.get_nowait",),
    "random.uniform": ("random.triangular", "random.gauss", "random.Random(1).uniform"),
    "task.cancel": ("task.done",),
    "print": ("repr",),
}


def call_confused(node: ast.expr, _scope: Scope) -> Iterator[ast.expr]:
    """A call of the function next door."""
    if isinstance(node, ast.Call):
        for other in NEIGHBOURS.get(ast.unparse(node.func), ()):
            yield changed(node, func=ast.parse(other, mode="eval").body)


Operator = Callable[[ast.expr, Scope], Iterator[ast.expr]]

EXPRESSIONS: Mapping[str, Operator] = {
    "comparison": comparison,
    "arithmetic": arithmetic,
    "operand": operand,
    "logic": logic,
    "constant": constant,
    "await": without_await,
    "argument-dropped": argument_dropped,
    "arguments-swapped": arguments_swapped,
    "parameter-fixed": parameter_fixed,
    "parameter-confused": parameter_confused,
    "call-confused": call_confused,
}
