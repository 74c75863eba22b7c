"""Finds the loop in which a program spins, by the lines on its stack.

Where a spinning program is looked at is chance: now on this line of the loop, now on that one. The loop
itself is the same each time, and it is what the learner has to look at.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.source import LARGEST, syntax_tree

__all__ = ["spinning_line"]

_Loop = ast.While | ast.For
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Suspends = ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom


def spinning_line(source: str, stack: Sequence[int]) -> int | None:
    """The first line (1-based) of the loop that spins; without one the innermost line of the stack.

    source: the whole file. stack: the lines of its frames, innermost first.

    It is the outermost loop, of all that the stack goes through, in which nothing is awaited: what is
    around it gives others a turn. Where something is awaited in each of them it is the innermost.
    """
    if not stack:
        return None
    tree = syntax_tree(source, largest=LARGEST) or ast.Module([], [])
    nodes = [node for node in ast.walk(tree) if isinstance(node, _Loop | _Scope)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    # Each line once: a recursion goes through the same ones again and again.
    loops = [loop for line in dict.fromkeys(reversed(stack)) for loop in _around(line, nodes)]
    innermost = loops[-1] if loops else None
    spins = next((loop for loop in loops if not _suspends(loop)), innermost)
    if spins is None or (spins is innermost and _suspends(spins) and _computes(tree, stack[0])):
        return stack[0]
    return spins.lineno


def _computes(tree: ast.Module, line: int) -> bool:
    """Is there a loop within an expression at this line, a comprehension?"""
    nodes = (node for node in ast.walk(tree) if isinstance(node, _Comprehension))
    return any(node.lineno <= line <= (node.end_lineno or line) for node in nodes)


def _around(line: int, nodes: Sequence[_Loop | _Scope]) -> list[_Loop]:
    """The loops around a line, the outermost first, within the function that the line is in.

    nodes: all loops and functions of the file, in the order of their places.
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
    """Is anything awaited in it, in its own function?"""
    waiting = list(ast.iter_child_nodes(loop))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _Suspends):
            return True
        if not isinstance(node, _Scope):
            waiting.extend(ast.iter_child_nodes(node))
    return False
