"""The mistakes that learners make, by topic: objects in Python, their prose in TOML beside it."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from grader import course
from grader.course.kit.failures import Mistake

__all__ = ["catalogue"]

_EXERCISE = re.compile(r"ex[0-9]+_")


@cache
def catalogue() -> dict[str, Mistake]:
    """Every mistake, by its code: topic by topic, then those that one exercise alone knows."""
    names = [f"{__name__}.{found.name}" for found in iter_modules(__path__)]
    for found in iter_modules(course.__path__):
        own = f"{course.__name__}.{found.name}.mistakes"
        names += [own] if found.ispkg and _EXERCISE.match(found.name) and find_spec(own) else []
    topics = [import_module(name) for name in names]
    every = [one for topic in topics for one in vars(topic).values() if isinstance(one, Mistake)]
    return {one.code: one for one in every}
