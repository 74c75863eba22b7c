"""The faults that a block of statements can have.

An operator takes a block and a place in it; it yields the block with one fault at that place, in each way
that it knows, with a few words for the fault. It never changes what it was given.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from tests.mutants.expressions import changed

__all__ = ["STATEMENTS", "head"]

Block = Sequence[ast.stmt]
Fault = tuple[str, list[ast.stmt]]
"""A few words, and the block that has the fault."""


def head(statement: ast.stmt) -> str:
    """The first line of a statement, without the colon."""
    return ast.unparse(statement).partition("\n")[0].removesuffix(":")


def _with(block: Block, place: int, *statements: ast.stmt, until: int | None = None) -> list[Any]:
    """The block with these statements instead of the one at `place` (or those before `until`)."""
    new = [*block[:place], *statements, *block[place + 1 if until is None else until :]]
    return new or [ast.Pass()]


def deleted(block: Block, place: int) -> Iterator[Fault]:
    """A statement is missing."""
    if not isinstance(block[place], ast.Pass):
        yield "deleted", _with(block, place)


def repeated(block: Block, place: int) -> Iterator[Fault]:
    """A statement is there twice."""
    if not isinstance(block[place], ast.Pass | ast.Break | ast.Continue | ast.Return):
        yield "twice", _with(block, place, block[place], block[place])


def swapped(block: Block, place: int) -> Iterator[Fault]:
    """A statement comes after the next one."""
    if place + 1 < len(block):
        one, other = block[place : place + 2]
        yield f"after `{head(other)}`", _with(block, place, other, one, until=place + 2)


def jump(block: Block, place: int) -> Iterator[Fault]:
    """Another way out of a loop or a function."""
    ways: tuple[ast.stmt, ...] = (ast.Break(), ast.Continue(), ast.Return(), ast.Raise())
    statement = block[place]
    if isinstance(statement, ast.Break | ast.Continue | ast.Return | ast.Raise):
        for other in ways:
            if ast.dump(other) != ast.dump(statement):
                yield head(other), _with(block, place, other)


def counted_otherwise(block: Block, place: int) -> Iterator[Fault]:
    """`-=` or `=` for `+=`."""
    statement = block[place]
    if isinstance(statement, ast.AugAssign):
        for kind in (ast.Add, ast.Sub, ast.Mult):
            if not isinstance(statement.op, kind):
                other = changed(statement, op=kind())
                yield head(other), _with(block, place, other)
        plain = ast.Assign([statement.target], statement.value, lineno=statement.lineno)
        yield head(plain), _with(block, place, plain)


def condition(block: Block, place: int) -> Iterator[Fault]:
    """A test that is turned round, or that always comes out the same."""
    statement = block[place]
    if isinstance(statement, ast.If | ast.While):
        negated = changed(statement, test=ast.UnaryOp(ast.Not(), statement.test))
        yield "negated", _with(block, place, negated)
    if isinstance(statement, ast.If):
        yield "always", _with(block, place, *statement.body)
        yield "never", _with(block, place, *statement.orelse)


def unguarded(block: Block, place: int) -> Iterator[Fault]:
    """The statements of a `try` without it, or those of a `with`."""
    statement = block[place]
    if isinstance(statement, ast.Try):
        plain = [*statement.body, *statement.orelse, *statement.finalbody]
        yield "without the try", _with(block, place, *plain)
    elif isinstance(statement, ast.AsyncWith | ast.With):
        yield "without the with", _with(block, place, *statement.body)


WIDER = ("Exception", "BaseException", "")  # the last: any at all
BESIDE = ("OSError", "ValueError", "RuntimeError", "LookupError", "asyncio.CancelledError")


def caught_otherwise(block: Block, place: int) -> Iterator[Fault]:
    """An `except` that catches more, or nothing."""
    statement = block[place]
    if not isinstance(statement, ast.Try):
        return
    for index, handler in enumerate(statement.handlers):
        if handler.type is None:
            continue
        own = ast.unparse(handler.type)
        for text in (*WIDER, *(f"({own}, {other})" for other in BESIDE), "()"):
            kind = ast.parse(text, mode="eval").body if text else None
            new = changed(handler, type=kind, name=handler.name if text else None)
            handlers = [*statement.handlers[:index], new, *statement.handlers[index + 1 :]]
            guarded = changed(statement, handlers=handlers)
            yield f"except {text}".rstrip(), _with(block, place, guarded)


# -- moved across a branch ---------------------------------------------------------------------


def _branches(statement: ast.stmt) -> list[tuple[str, str, int]]:
    """The blocks in a statement, those that it could have too: words, the field, its place."""
    if isinstance(statement, ast.Try):
        handlers = [("except", "handlers", n) for n in range(len(statement.handlers))]
        return [("try", "body", 0), *handlers, ("else", "orelse", 0), ("finally", "finalbody", 0)]
    if isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While):
        return [("body", "body", 0), ("else", "orelse", 0)]
    if isinstance(statement, ast.With | ast.AsyncWith):
        return [("body", "body", 0)]
    return []


def _branch(statement: Any, branch: tuple[str, str, int]) -> list[ast.stmt]:
    _, name, index = branch
    found: list[ast.stmt] = (
        statement.handlers[index].body if name == "handlers" else getattr(statement, name)
    )
    return found


def _refilled(statement: Any, branch: tuple[str, str, int], block: Block) -> Any:
    """The statement with another block in one of its branches."""
    _, name, index = branch
    filled = list(block)
    if name != "handlers":
        optional = name in ("orelse", "finalbody")
        return changed(statement, **{name: filled or ([] if optional else [ast.Pass()])})
    handlers = list(statement.handlers)
    handlers[index] = changed(handlers[index], body=filled or [ast.Pass()])
    return changed(statement, handlers=handlers)


def moved_in(block: Block, place: int) -> Iterator[Fault]:
    """A statement beside a branching one is moved into one of its branches."""
    statement = block[place]
    for beside in (place - 1, place + 1):
        if not 0 <= beside < len(block):
            continue
        mover, (start, end) = block[beside], sorted((place, beside))
        for branch in _branches(statement):
            inner = _branch(statement, branch)
            fuller = [mover, *inner] if beside < place else [*inner, mover]
            new = _refilled(statement, branch, fuller)
            words = f"`{head(mover)}` into its {branch[0]}"
            yield words, _with(block, start, new, until=end + 1)


def moved_out(block: Block, place: int) -> Iterator[Fault]:
    """The first or last statement of a branch is moved out of it."""
    statement = block[place]
    for branch in _branches(statement):
        inner = _branch(statement, branch)
        if not inner:
            continue
        rest = _refilled(statement, branch, inner[1:])
        words = f"before it from its {branch[0]}"
        yield f"`{head(inner[0])}` {words}", _with(block, place, inner[0], rest)
        rest = _refilled(statement, branch, inner[:-1])
        words = f"after it from its {branch[0]}"
        yield f"`{head(inner[-1])}` {words}", _with(block, place, rest, inner[-1])


def moved_over(block: Block, place: int) -> Iterator[Fault]:
    """The last statement of a branch is moved to the end of another."""
    statement = block[place]
    for one, other in permutations(_branches(statement), 2):
        inner = _branch(statement, one)
        if inner:
            less = _refilled(statement, one, inner[:-1])
            new = _refilled(less, other, [*_branch(less, other), inner[-1]])
            words = f"`{head(inner[-1])}` from its {one[0]} into its {other[0]}"
            yield words, _with(block, place, new)


Operator = Callable[[Block, int], Iterator[Fault]]

STATEMENTS: Mapping[str, Operator] = {
    "deleted": deleted,
    "repeated": repeated,
    "swapped": swapped,
    "jump": jump,
    "counted-otherwise": counted_otherwise,
    "condition": condition,
    "unguarded": unguarded,
    "caught-otherwise": caught_otherwise,
    "moved-in": moved_in,
    "moved-out": moved_out,
    "moved-over": moved_over,
}
