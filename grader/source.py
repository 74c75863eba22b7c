"""Reads and parses a learner's source, however broken it is."""

from __future__ import annotations

import ast
import io
import re
import warnings
from functools import cache

__all__ = ["LARGEST", "lines_of", "supplied_lines", "syntax_tree", "text_of"]

_DECLARED = re.compile(rb"coding[:=]")
_SLOW = re.compile("idna|punycode")  # for host names: their decoders take minutes for a long file
_NO_SOURCE = "Python reads no source in {}: save it as UTF-8."

LARGEST = 64 << 10  # characters: six times a large solution, parsed in a few milliseconds


def text_of(data: bytes) -> str:
    """The text of a file, in the encoding that it declares as Python reads it, or else UTF-8.

    Raises `ValueError`, saying what to do, for what Python does not read.
    """
    encoding = _encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        shown = "UTF-8" if encoding.startswith("utf-8") else encoding
        raise ValueError(f"The file is not {shown} (line {line}): save it as UTF-8.") from None
    except LookupError:  # such as rot13, which is none of text
        raise ValueError(_NO_SOURCE.format(encoding)) from None


def _encoding(data: bytes) -> str:
    if not _DECLARED.search(b"".join(data.split(b"\n", 2)[:2])):
        return "utf-8-sig"
    import tokenize  # noqa: PLC0415 - hardly any file declares what it is written in

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if "invalid or missing encoding" in str(error):
            return "utf-8-sig"  # whose decoder says in which line
        raise ValueError(f"Python cannot read this file ({error}): save it as UTF-8.") from None
    if _SLOW.search(encoding):
        raise ValueError(_NO_SOURCE.format(encoding))
    return encoding


def syntax_tree(source: str, *, largest: int | None = None) -> ast.Module | None:
    """The syntax tree of a whole file; None if it is not valid Python or nests too deeply.

    largest: the most characters to parse; None for a longer source.
    """
    if largest is not None and len(source) > largest:
        return None
    try:
        with warnings.catch_warnings():  # about a backslash in the learner's strings, say
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def supplied_lines(source: str, stub: str) -> frozenset[int]:
    """The lines (1-based) of the stub's helper functions, as far as they are unchanged.

    These contain no mistakes: an error in them is the fault of their caller.
    """
    lines: set[int] = set()
    for helper in _helpers(stub):
        before, found, _ = source.partition(helper)
        if found:
            first = before.count("\n") + 1
            lines.update(range(first, first + helper.count("\n") + 1))
    return frozenset(lines)


@cache
def _helpers(stub: str) -> tuple[str, ...]:
    """The source of a stub's plain functions, which are its helpers; the task is in its coroutines."""
    tree = syntax_tree(stub)
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef)) if tree else ()
    return tuple(ast.get_source_segment(stub, node) or "" for node in functions)


def lines_of(source: str) -> list[str]:
    """The lines as Python counts them; `str.splitlines` also splits at other characters."""
    ends = source.replace("\r\n", "\n").replace("\r", "\n")
    return ends.removesuffix("\n").split("\n") if ends else []
