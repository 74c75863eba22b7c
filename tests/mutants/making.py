"""Makes the mutants of a solution: every operator, at every place that the contract reaches."""

from __future__ import annotations

import ast
import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from grader.course.catalog import exercises, find_root
from grader.judge.prefetch import requests_of
from grader.render.words import short
from tests.mutants.expressions import EXPRESSIONS, Scope
from tests.mutants.statements import STATEMENTS, head

__all__ = ["CONTRACT", "Mutant", "mutants_of", "mutants_of_solution", "solution"]

# The functions that others call; whatever they do not reach is the demo.
CONTRACT: dict[str, tuple[str, ...]] = {
    entry.id: tuple(
        sorted(
            {
                call.function
                for requests in requests_of(entry, 1).values()
                for script, _process in requests
                for call in script.calls
            }
        )
    )
    for entry in exercises()
}
CONTEXT = 60  # characters: as much of the code around a fault as its name may hold

Path = tuple[tuple[str, int | None], ...]
"""The way from a tree's root to a node or a block: a field, and a place in it, at each step."""


@dataclass(frozen=True)
class Mutant:
    """A solution with one fault.

    function: where the fault is; before, after: the code there.
    line: in the solution; no part of the name, so that names outlive changes elsewhere.
    source: the whole module.
    """

    exercise: str
    function: str
    operator: str
    before: str
    after: str
    line: int = field(compare=False)
    source: str = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """What it is called in the list of survivors: `ex2 consumer constant: 1 -> 2`."""
        return (
            f"{short(self.exercise)} {self.function} {self.operator}: {self.before} -> {self.after}"
        )


def solution(exercise: str) -> str:
    """The source of a reference solution."""
    return (find_root() / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")


@cache
def mutants_of_solution(exercise: str) -> tuple[Mutant, ...]:
    """All mutants of the reference solution of an exercise."""
    return tuple(mutants_of(exercise, solution(exercise)))


def mutants_of(exercise: str, source: str) -> list[Mutant]:
    """All different mutants of a module that Python can compile, in the order of the file."""
    tree = _without_docstrings(ast.parse(source))
    seen = {ast.unparse(tree)}
    names: Counter[str] = Counter()
    found = []
    for mutant in _all(exercise, tree):
        if mutant.source in seen or not _compiles(mutant.source):
            continue
        seen.add(mutant.source)
        names[mutant.name] += 1
        again = names[mutant.name]  # the same fault in another place of the same function
        found.append(mutant if again == 1 else replace(mutant, after=f"{mutant.after} #{again}"))
    return found


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]
    return tree


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _all(exercise: str, tree: ast.Module) -> Iterator[Mutant]:
    reached = _reached(tree, CONTRACT[exercise])
    for place, statement in enumerate(tree.body):
        name = getattr(statement, "name", None)
        if name not in reached:
            continue
        scope = Scope(_numbers(statement))
        for path, node in _walk(statement, (("body", place),)):
            for operator, before, after, line, source in _faults(tree, path, node, scope):
                yield Mutant(exercise, name, operator, before, after, line, source)


def _reached(tree: ast.Module, entries: tuple[str, ...]) -> set[str]:
    """The module's own functions and classes that the entries use, directly or not."""
    own = {name: node for node in tree.body if (name := getattr(node, "name", None))}
    found: set[str] = set()
    todo = list(entries)
    while todo:
        name = todo.pop()
        if name in own and name not in found:
            found.add(name)
            todo += [node.id for node in ast.walk(own[name]) if isinstance(node, ast.Name)]
    return found


def _numbers(function: ast.stmt) -> dict[str, ast.expr]:
    """The keyword parameters that have numbers as defaults."""
    if not isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
        return {}
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return {arg.arg: default for arg, default in pairs if isinstance(default, ast.Constant)}


# Types and decorators change nothing that is judged; formats, only how many digits are shown.
_LEFT_OUT = {"annotation", "returns", "type_params", "decorator_list", "format_spec"}


def _walk(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.AST]]:
    yield path, node
    for name, value in ast.iter_fields(node):
        if name in _LEFT_OUT:
            continue
        children = enumerate(value) if isinstance(value, list) else ((None, value),)
        for index, child in children:
            if isinstance(child, ast.AST):
                yield from _walk(child, (*path, (name, index)))


Found = tuple[str, str, str, int, str]


def _faults(tree: ast.Module, path: Path, node: ast.AST, scope: Scope) -> Iterator[Found]:
    if isinstance(node, ast.expr):
        yield from _of_expression(tree, path, node, scope)
    elif isinstance(node, ast.arguments):
        yield from _of_defaults(tree, path, node)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield from _of_block(tree, (*path, (name, None)), block)


def _of_expression(tree: ast.Module, path: Path, node: ast.expr, scope: Scope) -> Iterator[Found]:
    for operator, make in EXPRESSIONS.items():
        for other in make(node, scope):
            before, depth = _context(tree, path)
            with _put(tree, path, other):
                after = _text(tree, path[:depth])
                yield operator, before, after, node.lineno, ast.unparse(tree)


def _of_defaults(tree: ast.Module, path: Path, node: ast.arguments) -> Iterator[Found]:
    for place, default in enumerate(node.kw_defaults):
        if default is not None:
            inner = (*path, ("kw_defaults", place))
            before = _text(tree, inner)
            with _put(tree, inner, None):
                yield "default-dropped", before, "none", default.lineno, ast.unparse(tree)


def _of_block(tree: ast.Module, path: Path, block: list[ast.stmt]) -> Iterator[Found]:
    for place, statement in enumerate(block):
        for operator, change in STATEMENTS.items():
            for words, new in change(block, place):
                with _put(tree, path, new):
                    yield operator, head(statement), words, statement.lineno, ast.unparse(tree)


def _context(tree: ast.Module, path: Path) -> tuple[str, int]:
    """The largest expression or simple statement around a node that is short, and its depth."""
    found = _text(tree, path), len(path)
    for depth in range(len(path) - 1, 0, -1):
        node = _at(tree, path[:depth])
        if not isinstance(node, ast.expr | ast.keyword | ast.Expr | ast.Assign | ast.AugAssign):
            break
        text = ast.unparse(node)
        if len(text) > CONTEXT:
            break
        found = text, depth
    return found


def _text(tree: ast.Module, path: Path) -> str:
    """The code at a place; a default with its parameter."""
    text, (name, index) = ast.unparse(_at(tree, path)), path[-1]
    if name == "kw_defaults" and index is not None:
        return f"{_at(tree, path[:-1]).kwonlyargs[index].arg}={text}"
    return text


def _at(tree: ast.AST, path: Path) -> Any:
    node: Any = tree
    for name, index in path:
        value = getattr(node, name)
        node = value if index is None else value[index]
    return node


@contextlib.contextmanager
def _put(tree: ast.AST, path: Path, new: Any) -> Iterator[None]:
    """Put something else into a place of the tree, for as long as the block lasts."""
    parent, (name, index) = _at(tree, path[:-1]), path[-1]
    old = getattr(parent, name)
    setattr(parent, name, new if index is None else [*old[:index], new, *old[index + 1 :]])
    try:
        yield
    finally:
        setattr(parent, name, old)
