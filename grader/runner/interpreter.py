"""Starts interpreters for learners' processes: their command, environment and folder."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["EmptyFolder", "command", "environment", "program", "walls"]

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def program(module: str) -> list[str]:
    """Return the command that calls `main` of one of the grader's modules; arguments may follow."""
    # From whatever folder (-P), which may hold a learner's `queue.py`; in the place where the installed
    # package is, what the library already has is left to the library.
    code = (
        "import sys; root = sys.argv.pop(1); root in sys.path or sys.path.insert(0, root); "
        f"from {module} import main; main()"
    )
    return [sys.executable, "-P", "-c", code, ROOT]


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main` of a module of the lab with these string arguments."""
    code = (
        "import sys; sys.path.append(sys.argv[1]); "
        f"from grader.lab_start import start; work = start({module!r}, *sys.argv[2:]); "
        "del start; work and work()"
    )
    # No site packages (-S) and none of the user's (-s): a submission has the standard library only.
    # No current folder in the path (-P). UTF-8 everywhere (-X utf8).
    return [sys.executable, "-s", "-S", "-P", "-X", "utf8", "-c", code, ROOT, *arguments]


def walls(sandbox: Sandbox | None) -> tuple[str, ...]:
    """Return a sandbox's walls as an argument of the lab's programs; () without a sandbox."""
    return (",".join(sandbox.walls),) if sandbox is not None else ()


def environment() -> dict[str, str]:
    """Return the few variables that Python needs, with a fixed order of sets; none of the user's."""
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "PYTHONPYCACHEPREFIX")
    # One arena: with one per thread, a few threads would use up the limit on address space.
    fixed = {"PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1"}
    return {k: v for k, v in os.environ.items() if k in kept} | fixed


class EmptyFolder:
    """An empty folder for learners' processes to run in."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True)
        self.path = self._folder.name

    def remove(self) -> None:
        self._folder.cleanup()
