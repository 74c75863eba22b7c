"""How the grader was called, so that the commands it suggests work."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from grader.render.invocation import Invocation

__all__ = ["invocation"]


def invocation(folder: Path | None = None, weather: Path | None = None) -> Invocation:
    """Return how the grader was called. folder, weather: given with `--from` and `--weather`."""
    # Set by the noxfile, which knows whether it was called by nox, by uvx or by Python alone.
    program = os.environ.get("GRADER_COMMAND", "python -m grader")
    options, sky = (
        f"{name} {shlex.quote(str(path))}" if path else ""
        for name, path in (("--from", folder), ("--weather", weather))
    )
    return Invocation(program, options, sky)
