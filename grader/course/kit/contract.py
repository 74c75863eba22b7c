"""Reads an exercise's fixed signatures from its reference: parameter names, order and defaults."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["Contract", "Signature", "contract_of"]


@dataclass(frozen=True)
class Signature:
    """One function: the names of its required parameters, and the defaults of its optional ones."""

    names: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """The functions of a reference, by name."""

    functions: Mapping[str, Signature] = field(default_factory=dict)

    def signature(self, function: str) -> Signature:
        """The function's signature; an empty one if the reference has no such function."""
        return self.functions.get(function, Signature())


@lru_cache(maxsize=64)
def contract_of(solution: Path) -> Contract:
    """The contract of a reference; an empty one if the file cannot be read."""
    try:
        tree = ast.parse(solution.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return Contract()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return Contract({n.name: _signature(n.args) for n in tree.body if isinstance(n, functions)})


def _signature(args: ast.arguments) -> Signature:
    positional = [*args.posonlyargs, *args.args]
    optional = positional[len(positional) - len(args.defaults) :]
    pairs = [*zip(optional, args.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    names = positional[: len(positional) - len(args.defaults)]
    return Signature(
        tuple(one.arg for one in names),
        {one.arg: _value(default) for one, default in pairs},
    )


def _value(default: ast.expr) -> Any:
    """A default as plain data; None if it is not a literal."""
    try:
        return ast.literal_eval(default)
    except ValueError:
        return None
