"""A learner's syntax tree, with the queries that the rules need.

It covers only code that `run_pipeline` and `consumer` reach: the demo under
`if __name__ == "__main__":`, and what only the demo calls, is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from grader.course.kit.contract import Contract

__all__ = ["Places", "Rule", "View", "called", "is_constant", "last_name"]

ENTRIES = ("run_pipeline", "consumer", "run_service")
COUNTS = ("consumed", "retried", "failed")

_Node = TypeVar("_Node", bound=ast.AST)
_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Loop = (ast.For, ast.AsyncFor, ast.While)
_Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def last_name(node: ast.AST | None) -> str:
    """`sleep` for both `sleep` and `asyncio.sleep`; empty for anything without a name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.AST | None) -> str:
    """The last name of the called function if this node is a call, else empty."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def is_constant(node: ast.AST | None, *values: object) -> bool:
    """Whether this is a constant, with one of the values if any are given."""
    return isinstance(node, ast.Constant) and (not values or node.value in values)


class View:
    """The relevant part of a module.

    nodes: all nodes of the tree.
    contract: the exercise's fixed signatures.
    """

    def __init__(self, tree: ast.Module, nodes: Sequence[ast.AST], contract: Contract) -> None:
        self._tree = tree
        self.contract = contract
        self._takes: dict[ast.AST, bool] = {}
        self._parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self._of_consumer = set(self._reach(["consumer"]))
        seen = set(self._reach([*ENTRIES]))
        self._nodes = [node for top in tree.body if _counts(top, seen) for node in ast.walk(top)]

    @classmethod
    def of(cls, tree: ast.Module, most: int, contract: Contract) -> View | None:
        """The view of a module; None if it has more than `most` nodes."""
        nodes: list[ast.AST] = []
        for node in ast.walk(tree):
            nodes.append(node)
            if len(nodes) > most:
                return None
        return cls(tree, nodes, contract)

    def _reach(self, entries: list[str]) -> Iterator[str]:
        """The names of the module's definitions that these names use, directly or indirectly."""
        own = {name: node for node in self._tree.body if (name := getattr(node, "name", None))}
        todo = [*entries]
        for node in self._tree.body:
            if _counts(node, set()):
                todo += _names(node)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in own and name not in seen:
                seen.add(name)
                yield name
                todo += _names(own[name])

    # -- finding nodes --------------------------------------------------------------------------

    def nodes(self, *types: type[ast.AST]) -> Iterator[Any]:
        """All nodes of these types."""
        return (node for node in self._nodes if isinstance(node, types))

    def calls(self, names: Iterable[str] = (), under: ast.AST | None = None) -> Iterator[ast.Call]:
        """All calls, or those within the node `under`.

        names: the last names of the called functions; if empty, any.
        """
        nodes = self._nodes if under is None else ast.walk(under)
        wanted = set(names)
        for node in nodes:
            if isinstance(node, ast.Call) and (not wanted or called(node) in wanted):
                yield node

    def uncalled(self, name: str) -> list[ast.expr]:
        """Statements that consist only of a method of this name, without its parentheses."""
        alone = (node.value for node in self.nodes(ast.Expr))
        return [one for one in alone if isinstance(one, ast.Attribute) and one.attr == name]

    def handlers(self, function: str) -> Iterator[ast.ExceptHandler]:
        """The `except` clauses in "consumer" or "run_pipeline", as `function_of` names them."""
        for handler in self.nodes(ast.ExceptHandler):
            if self.function_of(handler) == function:
                yield handler

    def caught(self, handler: ast.ExceptHandler) -> set[str]:
        """The last names of the exceptions that it catches; "" stands for a bare `except`."""
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        return {last_name(kind) for kind in kinds}

    def counts(self) -> Iterator[ast.Assign | ast.AugAssign]:
        """The statements that write a count."""
        for node in self.nodes(ast.Assign, ast.AugAssign):
            target = _target(node)
            if isinstance(target, ast.Subscript) and (
                is_constant(target.slice, *COUNTS) or last_name(target.value) == "stats"
            ):
                yield node

    def key_of(self, node: ast.Assign | ast.AugAssign) -> object:
        """The key of the count that it writes, or None if it is not a constant."""
        target = _target(node)
        key = target.slice if isinstance(target, ast.Subscript) else None
        return key.value if isinstance(key, ast.Constant) else None

    def items(self) -> set[str]:
        """The variables that hold items: results of get() or next(), targets of loops over `items`."""
        names = set()
        for node in self.nodes(ast.Assign, ast.NamedExpr):
            value = node.value.value if isinstance(node.value, ast.Await) else node.value
            if called(value) in ("get", "get_nowait", "next", "anext"):
                names.add(last_name(_target(node)))
        for loop in self.nodes(ast.For, ast.AsyncFor):
            if last_name(loop.iter) == "items":
                names.add(last_name(loop.target))
        return names - {""}

    def reads(self, name: str) -> bool:
        """Whether a variable of this name is read anywhere."""
        return any(n.id == name and isinstance(n.ctx, ast.Load) for n in self.nodes(ast.Name))

    def is_fixed(self, *expressions: ast.expr) -> bool:
        """Whether there are expressions and all consist of constants only, independent of arguments."""
        parts = [node for one in expressions for node in ast.walk(one)]
        names = {node.id for node in parts if isinstance(node, ast.Name)}
        return (
            bool(expressions)
            and names <= self._constants
            and not any(isinstance(node, ast.Call) for node in parts)
        )

    @cached_property
    def _constants(self) -> set[str]:
        """The module's constants: names assigned a constant once at the top level, and nowhere else."""
        written = [
            node.id
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        ]
        top = [node for node in self._tree.body if isinstance(node, ast.Assign)]
        names = {last_name(_target(node)) for node in top if is_constant(node.value)}
        return {name for name in names if written.count(name) == 1}

    # -- the surroundings of a node -------------------------------------------------------------

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The parent node."""
        return self._parents.get(node)

    def _above(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """All ancestors of a node, innermost first, each with its child on the path."""
        child = node
        while (parent := self._parents.get(child)) is not None:
            yield parent, child
            child = parent

    def _functions(self, node: ast.AST) -> list[Any]:
        """The functions whose bodies contain a node; defaults are evaluated outside."""
        return [
            parent
            for parent, child in self._above(node)
            if isinstance(parent, _Function) and not isinstance(child, ast.arguments)
        ]

    def function_of(self, node: ast.AST) -> str:
        """`consumer` for code that a consumer runs, `run_pipeline` in other functions, else empty."""
        functions = self._functions(node)
        top = next((p for p, _ in self._above(node) if self._parents.get(p) is self._tree), None)
        if getattr(top, "name", None) in self._of_consumer and functions:
            return "consumer"
        inner = [one for one in functions if getattr(one, "name", "") != "run_pipeline"]
        if any(map(self._takes_items, inner)):
            return "consumer"
        return "run_pipeline" if functions else ""

    def _takes_items(self, function: ast.AST) -> bool:
        if function not in self._takes:
            self._takes[function] = any(self.calls(("get", "get_nowait"), function))
        return self._takes[function]

    def at_import(self, node: ast.AST) -> bool:
        """Whether it runs when the module is imported."""
        return not self._functions(node)

    def around(self, node: ast.AST, kind: type[_Node]) -> list[_Node]:
        """Its ancestors of this type within its function, innermost first."""
        found: list[_Node] = []
        for parent, _ in self._above(node):
            if isinstance(parent, _Function):
                break
            if isinstance(parent, kind):
                found.append(parent)
        return found

    def rounds(self, node: ast.AST) -> list[ast.AST]:
        """The loops and comprehensions around it within its function."""
        return [
            one for one in self.around(node, ast.AST) if isinstance(one, (*_Loop, *_Comprehension))
        ]

    def leaves_in_finally(self, function: str) -> Iterator[ast.Return]:
        """The `return`s in `finally` blocks, which discard any exception."""
        for node in self.nodes(ast.Return):
            if self.function_of(node) == function and self.in_finally(node):
                yield node

    def in_finally(self, node: ast.AST) -> bool:
        """Whether it is in a `finally` block."""
        return any(
            isinstance(parent, ast.Try) and child in parent.finalbody
            for parent, child in self._above(node)
        )

    def origin(self, expression: ast.expr) -> ast.stmt | None:
        """Where a value is computed: a name's only assignment, or the called function's only `return`."""
        if isinstance(expression, ast.Name):
            name = expression.id
            writing = [n for n in self.nodes(ast.Name) if n.id == name and _is_written(n)]
            parent = self._parents.get(writing[0]) if len(writing) == 1 else None
            return parent if isinstance(parent, ast.Assign) else None
        own = [f for f in self.nodes(ast.FunctionDef) if f.name == called(expression)]
        back = [n for f in own for n in ast.walk(f) if isinstance(n, ast.Return)]
        return back[0] if len(back) == 1 else None

    def is_of(self, call: ast.Call, module: str) -> bool:
        """Whether the called function belongs to this module."""
        if isinstance(call.func, ast.Attribute):
            return last_name(call.func.value) == module
        imports = [n for n in ast.walk(self._tree) if isinstance(n, ast.ImportFrom)]
        return any(n.module == module for n in imports for a in n.names if a.name == called(call))


Places = Iterable["ast.expr | ast.stmt | ast.excepthandler"]
Rule = Callable[[View], Places]
"""Finds all places that could have led to a mistake."""


def _counts(top: ast.stmt, reached: set[str]) -> bool:
    """Whether a top-level statement counts: a definition that is reached, or code run at import."""
    name = getattr(top, "name", None)
    if name is not None:
        return name in reached
    if isinstance(top, ast.If) and "__main__" in ast.dump(top.test):
        return False
    return not isinstance(top, ast.Import | ast.ImportFrom)


def _names(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _target(node: ast.Assign | ast.AugAssign | ast.NamedExpr) -> ast.expr:
    return node.targets[0] if isinstance(node, ast.Assign) else node.target


def _is_written(node: Any) -> bool:
    return not isinstance(node.ctx, ast.Load)
