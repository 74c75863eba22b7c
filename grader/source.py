"""Reads a learner's source as a syntax tree, whatever it is."""

from __future__ import annotations

import ast
import warnings

__all__ = ["LARGEST", "syntax_tree"]

LARGEST = 64 << 10  # characters: six times a large solution, parsed in a few milliseconds


def syntax_tree(source: str, *, largest: int | None = None) -> ast.Module | None:
    """The tree of a whole file; None where it is no Python, or nests too deeply to be read.

    largest: of more characters than that nothing is read.
    """
    if largest is not None and len(source) > largest:
        return None
    try:
        with warnings.catch_warnings():  # of a backslash in the learner's strings, say
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
