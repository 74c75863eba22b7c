"""Makes a module of a notebook: its code cells, without what only a notebook can run.

Each line keeps its place within its cell. What is left out stays as a comment, so that a finding's
line can be looked up.
"""

from __future__ import annotations

import ast
import codecs
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.intake.places import LARGEST_FILE, Unreadable

__all__ = ["LARGEST_NOTEBOOK", "Converted", "module_of"]

LARGEST_NOTEBOOK = 16 << 20  # bytes; pictures among the results make notebooks large
MOST_NAMED = 5  # of what was left out
# Magics that run the rest of their cell as Python, in this process.
_AROUND = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit", "%%python", "%%python3")
_MAGIC = re.compile(r"\s*(?:[%!].*|\?{1,2}[\w.]+|[\w.]+\?{1,2})\s*")
# No two parts that repeat may match the same sign next to each other: a line may be as long as the file.
_ASSIGNED = re.compile(r"\s*\w[\w, ]*=\s*[%!].*")
_STRING_OR_COMMENT = re.compile(r"'''|\"\"\"|#")
# How a notebook that was cut short begins, or a page in its place: nobody's own text.
_OF_OTHERS = (b"{", b"<")
_ONLY_THERE = {"IPython", "google", "ipywidgets", "nest_asyncio"}  # modules for notebooks alone
_RUNNERS = {"run", "run_until_complete", "run_cell_magic", "run_line_magic"}


@dataclass(frozen=True)
class Converted:
    """A notebook's code. dropped: what was left out, each as the beginning of its line."""

    source: str
    dropped: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What was left out, in words, or ""."""
        if not self.dropped:
            return ""
        named = ", ".join(f"`{one}`" for one in self.dropped[:MOST_NAMED])
        more = len(self.dropped) - MOST_NAMED
        return f"left out: {named}" + (f" and {more} more" if more > 0 else "")


def module_of(data: bytes) -> Converted:
    """Return a notebook's code as a module. Raises `ValueError` when it is no notebook.

    More code than a file may hold is returned as it is, for whoever reads files to refuse.
    """
    texts: list[str] = []
    dropped: list[str] = []
    cells = list(_code_cells(data))
    if sum(map(len, cells)) > LARGEST_FILE:
        return Converted("\n\n".join(cells))
    for cell in cells:
        converted = _without_runs(_without_magics(cell))
        texts.append(converted.source)
        dropped += converted.dropped
    if not any(text.strip() for text in texts):
        raise ValueError("The notebook has no cell with code.")
    return Converted("\n\n".join(texts) + "\n", tuple(dropped))


def _code_cells(data: bytes) -> Iterator[str]:
    if not data.strip():
        raise ValueError("The notebook is empty.")
    try:
        loaded = json.loads(data.decode(json.detect_encoding(data)))
    except (ValueError, RecursionError):
        if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] not in _OF_OTHERS:
            raise ValueError("The file is no notebook that can be read (JSON).") from None
        raise Unreadable("it is no notebook that can be read (JSON): hand it in again.") from None
    # Version 3 keeps cells in worksheets, and calls their code `input`.
    sheets = loaded.get("worksheets") if isinstance(loaded, Mapping) else None
    for sheet in sheets if isinstance(sheets, list) else [loaded]:
        cells = sheet.get("cells") if isinstance(sheet, Mapping) else None
        for cell in cells if isinstance(cells, list) else ():
            if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
                yield _text(cell.get("source", cell.get("input", "")))


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _without_magics(cell: str) -> Converted:
    lines = cell.replace("\r\n", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "").strip()
    if first.startswith("%%") and first.split()[0] not in _AROUND:
        return Converted("\n".join(_left_out(line) for line in lines), (_begin(first),))
    kept: list[str] = []
    dropped: list[str] = []
    inside = _lines_of_strings(lines)
    for number, line in enumerate(lines, 1):
        assigned = _ASSIGNED.fullmatch(line)
        if number not in inside and (_MAGIC.fullmatch(line) or assigned) and line.strip():
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(f"{indent}pass  {_left_out(line.strip())}")
            dropped.append(_begin(line))
        else:
            kept.append(line)
    return Converted("\n".join(kept), tuple(dropped))


def _lines_of_strings(lines: list[str]) -> set[int]:
    """Return the lines (1-based) within texts of several lines, which may begin with any sign."""
    inside: set[int] = set()
    quote = ""
    for number, line in enumerate(lines, 1):
        if quote:
            inside.add(number)
        for found in _STRING_OR_COMMENT.finditer(line):
            if not quote and found[0] == "#":
                break
            if quote in ("", found[0]):
                quote = "" if quote else found[0]
    return inside


def _without_runs(cell: Converted) -> Converted:
    """Leave out what calls or awaits at the cell's top level, which only tries the code out.

    Imports that only a notebook has a use for are left out, too.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(
                cell.source,
                "cell",
                "exec",
                ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                dont_inherit=True,
            )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return cell  # the learner is told, as for any file
    assert isinstance(tree, ast.Module)
    lines = cell.source.split("\n")
    runs = [statement for statement in tree.body if _only_runs(statement)]
    # Each line once, however many statements share it.
    begun = dict.fromkeys(statement.lineno for statement in runs)
    dropped = [*cell.dropped, *(_begin(lines[number - 1]) for number in begun)]
    for at in {at for one in runs for at in range(one.lineno - 1, one.end_lineno or one.lineno)}:
        lines[at] = _left_out(lines[at])
    return Converted("\n".join(lines), tuple(dropped))


def _only_runs(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Import):
        return all(alias.name.partition(".")[0] in _ONLY_THERE for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").partition(".")[0] in _ONLY_THERE
    return any(_is_run(node) for node in _outside_functions(statement))


def _outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Walk what runs with the cell; without recursion, as the code may nest more deeply than ours may."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.If) and _asks_for_the_name(node.test):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def _asks_for_the_name(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def _is_run(node: ast.AST) -> bool:
    if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _RUNNERS
    )


def _left_out(line: str) -> str:
    return f"# left out: {line}" if line.strip() else line


def _begin(line: str) -> str:
    text = " ".join(line.split())
    return text if len(text) <= 40 else f"{text[:39]}…"
