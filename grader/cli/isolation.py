"""Probes how strangers' code can be isolated here, and declines if that is not enough."""

from __future__ import annotations

from functools import cache

from grader.errors import UsageError
from grader.runner.sandbox import Layers, Sandbox, probe

__all__ = ["tried_layers", "working_sandbox"]


def tried_layers(*, trust: bool) -> Layers:
    """Return the probed layers. Raises `UsageError` if they are not enough, unless `trust`."""
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
    """Return the sandbox for strangers' code, probed once, as that is slow. Raises `UsageError`."""
    return tried_layers(trust=False).sandbox
