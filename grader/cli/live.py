"""The live display while exercises are graded; only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.judge import Listener

__all__ = ["listening"]

PER_SECOND = 10


@contextmanager
def listening(*, wanted: bool) -> Iterator[Listener | None]:
    """Yield a listener with a live display, which is cleared at the end.

    None if it is not `wanted`, and without a terminal.
    """
    if not wanted or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.live import Live  # noqa: PLC0415 - slow, and a pipe needs none of it

    from grader.cli.screen import open_console  # noqa: PLC0415 - likewise
    from grader.render.progress import Progress  # noqa: PLC0415 - likewise

    progress = Progress()
    with Live(
        progress,
        console=open_console(),
        transient=True,
        refresh_per_second=PER_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield progress
