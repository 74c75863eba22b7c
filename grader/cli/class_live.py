"""Shows the progress of a class run: a live display on a terminal, a few lines elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live

from grader.class_results import SubmissionResult
from grader.classroom.run import Audience
from grader.cli.screen import open_console
from grader.render.class_progress import ClassProgress

__all__ = ["watching"]

PER_SECOND = 4
LINES = 10  # lines in all without a terminal, whatever the size of the class


@contextmanager
def watching() -> Iterator[Audience]:
    """Yield an audience for a run; its live display is cleared at the end."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        yield _Lines()
        return
    progress = ClassProgress()
    with Live(
        progress,
        console=open_console(),
        transient=True,
        refresh_per_second=PER_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield progress


class _Lines(ClassProgress):
    """Prints a line after each tenth of the work."""

    _tenths = 0

    def advanced(self, worker: int, done: int) -> None:
        """Note what a worker has graded; print a line after each tenth."""
        super().advanced(worker, done)
        self._print_tenths(self.reached)

    def graded(self, worker: int, result: SubmissionResult) -> None:
        """Count a graded submission; print a line after each tenth."""
        super().graded(worker, result)
        self._print_tenths(self.reached)

    def _print_tenths(self, reached: int) -> None:
        tenths = reached * LINES // self.pending
        # The last line is the end: all verdicts are here.
        if tenths > self._tenths and (tenths < LINES or self.done == self.pending):
            self._tenths = tenths
            print(self.line, flush=True)
