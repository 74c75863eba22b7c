"""Finds the loop in which a program spins, from the lines on its stack.

The line on which a spinning program is interrupted is chance. The loop is the same each time, and is
what the learner has to look at.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from grader.source import LARGEST, syntax_tree

__all__ = ["Spin", "spinning"]

_Loop = ast.While | ast.For
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Suspends = ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom


class Spin(NamedTuple):
    """Where a program spins: a line (1-based), and whether the loop there awaits anything."""

    line: int | None
    awaits: bool


def spinning(source: str, stack: Sequence[int]) -> Spin:
    """Return the first line of the spinning loop, else the innermost line of the stack.

    source: the whole file. stack: the lines of its frames, innermost first; if empty, the line is None.

    The spinning loop is the outermost loop on the stack in which nothing is awaited: loops around it
    give other tasks a turn. If each of them awaits something, it is the innermost loop.
    """
    if not stack:
        return Spin(None, awaits=False)
    tree = syntax_tree(source, largest=LARGEST) or ast.Module([], [])
    nodes = [node for node in ast.walk(tree) if isinstance(node, _Loop | _Scope)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    # Each line once: recursion repeats the same lines.
    loops = [loop for line in dict.fromkeys(reversed(stack)) for loop in _loops_around(line, nodes)]
    innermost = loops[-1] if loops else None
    spins = next((loop for loop in loops if not _suspends(loop)), innermost)
    if spins is None or (
        spins is innermost and _suspends(spins) and _in_comprehension(tree, stack[0])
    ):
        return Spin(stack[0], awaits=False)
    return Spin(spins.lineno, awaits=_suspends(spins))


def _in_comprehension(tree: ast.Module, line: int) -> bool:
    """Return True if this line is in a comprehension, a loop within an expression."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, _Comprehension))
    return any(node.lineno <= line <= (node.end_lineno or line) for node in nodes)


def _loops_around(line: int, nodes: Sequence[_Loop | _Scope]) -> list[_Loop]:
    """Return the loops around a line, outermost first, within the line's own function.

    nodes: all loops and functions of the file, in source order.
    """
    loops: list[_Loop] = []
    for node in nodes:
        if not node.lineno <= line <= (node.end_lineno or line):
            continue
        if isinstance(node, _Loop):
            loops.append(node)
        else:
            loops.clear()
    return loops


def _suspends(loop: ast.AST) -> bool:
    """Return True if the loop awaits anything in its own function."""
    waiting = list(ast.iter_child_nodes(loop))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _Suspends):
            return True
        if not isinstance(node, _Scope):
            waiting.extend(ast.iter_child_nodes(node))
    return False
