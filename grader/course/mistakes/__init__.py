"""The mistakes that learners make, by topic: objects in Python, their prose in TOML beside it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from grader.course.kit.failures import Mistake

__all__ = ["catalogue"]


@cache
def catalogue() -> dict[str, Mistake]:
    """Every mistake, by its code, topic by topic."""
    topics = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    every = [one for topic in topics for one in vars(topic).values() if isinstance(one, Mistake)]
    return {one.code: one for one in every}
