"""Starts a program of the lab, giving the grader's modules a private copy of Python's built-ins.

Otherwise the learner's code could temporarily replace `len` or `max` and receive the lab's arguments.
This module is outside the lab's package because importing that would load the lab.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

__all__ = ["start"]


def start(program: str, *arguments: str) -> Callable[[], None] | None:
    """Import the lab's module `program` and return the result of its `main(*arguments)`."""
    own = dict(vars(builtins))
    usual: Any = SourceFileLoader.exec_module

    def exec_module(loader: SourceFileLoader, module: ModuleType) -> None:
        if module.__name__.partition(".")[0] == "grader":
            vars(module)["__builtins__"] = own
        usual(loader, module)

    setattr(SourceFileLoader, "exec_module", exec_module)  # noqa: B010 - no method of the class's own
    work: Callable[[], None] | None = import_module(f"grader.lab.{program}").main(*arguments)
    del SourceFileLoader.exec_module  # it was inherited
    return work
