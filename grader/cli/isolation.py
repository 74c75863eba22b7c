"""Finds out what strangers' code can be shut into here, and declines where that is not enough."""

from __future__ import annotations

from functools import cache

from grader.errors import UsageError
from grader.runner.sandbox import Layers, Sandbox, probe

__all__ = ["tried_layers", "working_sandbox"]


def tried_layers(*, trust: bool) -> Layers:
    """What was found to work. Raises `UsageError` where that is not enough, unless all is trusted."""
    layers = probe()
    why = layers.reason()
    if why is not None and not trust:
        raise UsageError(
            f"Submissions cannot be isolated. {why} Install bubblewrap (Debian, Ubuntu: apt install "
            "bubblewrap), or grade on Linux 5.13 or later; --trust-submissions grades them all the "
            "same, with your rights."
        )
    return layers


@cache
def working_sandbox() -> Sandbox:
    """What to shut strangers' code into; tried once, since it takes a while. Raises as above."""
    return tried_layers(trust=False).sandbox
