"""Takes what a learner built out of its module: without assignment, demo, and what only that needs."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

__all__ = ["taken_along"]

_TASK = "TODO"  # in the first line of a comment of the assignment
_Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def taken_along(source: str, entries: Collection[str], about: str, stub: str = "") -> str:
    """Return a module of these names with all that they use, and `about` as its docstring.

    Statements that define no name stay, but for the one that runs the module as a program. Comments above
    a definition go with it. stub: the module as it was handed out, whose comments on what is to be done
    are left out. Raises `ValueError` for a source that is not Python.
    """
    try:
        source = _without_tasks(source, stub)
        tree = ast.parse(source)
    except (SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"it is no Python: {error}") from error
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    used = _used(body, entries)
    kept = [node for node in body if _stays(node, used)]
    lines = source.splitlines()
    return f'"""{about.strip()}\n"""\n\n{_joined(kept, lines)}'


def _without_tasks(source: str, stub: str) -> str:
    """Leave out the lines of comments that came with the stub and say what is to be done there."""
    given = {text for block in _comments(stub) for text in _task(block)}
    tasks = {number for block in _comments(source) for number, text in block if text in given}
    lines = source.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines, 1) if number not in tasks)


def _task(block: list[tuple[int, str]]) -> list[str]:
    """Return the lines of a comment from the one on that begins a task."""
    texts = [text for _, text in block]
    return next((texts[n:] for n, text in enumerate(texts) if _TASK in text), [])


def _comments(source: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the comments that have lines of their own: each line's number and text."""
    block: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        number, column = token.start
        if token.type != tokenize.COMMENT or token.line[:column].strip():
            continue
        if block and block[-1][0] != number - 1:
            yield block
            block = []
        block.append((number, token.string.rstrip()))
    if block:
        yield block


def _stays(node: ast.stmt, used: AbstractSet[str]) -> bool:
    if isinstance(node, ast.If) and "__name__" in _names_in(node.test):
        return False
    names = set(_defined(node))
    return not names or not used.isdisjoint(names)


def _used(body: list[ast.stmt], entries: Collection[str]) -> set[str]:
    """Return the names of the entries and of all that they reach."""
    makers: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in _defined(node):
            makers.setdefault(name, []).append(node)
    used: set[str] = set()
    waiting = [*entries, "annotations"]  # that of `from __future__`
    for node in body:
        if not list(_defined(node)) and _stays(node, set()):
            waiting += _names_in(node)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += (found for node in makers.get(name, ()) for found in _names_in(node))
    return used


def _defined(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds, if it is one that does nothing else."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (one.asname or one.name.partition(".")[0] for one in node.names)
    elif isinstance(node, _Definition):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (one.id for one in node.targets if isinstance(one, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _names_in(node: ast.AST) -> set[str]:
    """The names that occur in a statement, in annotations that are text, too."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and len(one.value) < 200:
            try:
                names |= {n.id for n in ast.walk(ast.parse(one.value)) if isinstance(n, ast.Name)}
            except (SyntaxError, ValueError):
                continue
    return names


def _joined(nodes: list[ast.stmt], lines: list[str]) -> str:
    """Return the statements' text, with two empty lines around definitions as Python's style has it."""
    text = ""
    before: ast.stmt | None = None
    for node in nodes:
        if before is not None:
            if node.lineno <= (before.end_lineno or 0):  # two statements on one line
                continue
            text += _gap(before, node)
        text += "\n".join(_text(node, lines)) + "\n"
        before = node
    return text


def _gap(before: ast.stmt, node: ast.stmt) -> str:
    if isinstance(before, _Definition) or isinstance(node, _Definition):
        return "\n\n"
    imports = (ast.Import, ast.ImportFrom)
    return "\n" if isinstance(before, imports) and not isinstance(node, imports) else ""


def _text(node: ast.stmt, lines: list[str]) -> list[str]:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return lines[first - 1 : node.end_lineno]
