"""How this run was called, so that what it tells people to type works for them."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from grader.render.invocation import Invocation

__all__ = ["invocation"]


def invocation(folder: Path | None = None) -> Invocation:
    """Through nox or as a module; `folder` is the one given with `--from`."""
    # The noxfile knows how it was called: by nox, by uvx, or by Python alone.
    program = os.environ.get("GRADER_COMMAND", "python -m grader")
    return Invocation(program, f"--from {shlex.quote(str(folder))}" if folder else "")
