"""The worker of `watch`: warm before it is asked, gone when its pipe closes."""

from __future__ import annotations

import contextlib
import sys
from argparse import Namespace
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.folders import sandbox_for, wanted_folder
from grader.cli.grading import open_grading
from grader.errors import GraderError
from grader.runner import early
from grader.runner.interpreter import program
from grader.wire import Graded, Request

if TYPE_CHECKING:
    from grader.judge.listener import Listener
    from grader.judge.long_session import RunChecks

__all__ = ["command", "grade", "main"]


def command(options: Namespace) -> list[str]:
    """Return the command that starts a worker with these options: folder, seed, fork and trust."""
    folder = "" if options.folder is None else str(options.folder)
    seed = "" if options.seed is None else str(options.seed)
    fork = "fork" if options.fork else ""
    trust = "trust" if options.trust else ""
    return [*program("grader.cli.worker"), folder, seed, fork, trust]


def main() -> None:
    """Serve requests until the pipe closes; then exit, with all processes that were started."""
    folder, seed, fork, trust = sys.argv[1:]
    options = Namespace(
        folder=Path(folder) if folder else None,
        seed=int(seed) if seed else None,
        fork=bool(fork),
        trust=bool(trust),
    )
    start_host = partial(_start_host, options)
    with early.keeping():
        start_host()
        from grader.judge.serving import Pipe, serve  # noqa: PLC0415 - while the host is starting

        serve(partial(grade, options), Pipe(), afterwards=start_host)


def _start_host(options: Namespace) -> None:
    """Start a host of the kind that the next run needs."""
    with contextlib.suppress(GraderError):  # a missing folder is reported when it is graded
        wanted_folder(options.folder)
        sandbox = sandbox_for(options.folder, trust=options.trust)
        early.start_early(fork=options.fork, sandbox=sandbox)


def grade(options: Namespace, request: Request, run: RunChecks, listener: Listener) -> Graded:
    """Grade the exercises whose ids are the request's job."""
    with open_grading(request.job, options) as grading:
        # Untouched stubs are judged too: hints and timelines say what is to do in them.
        report = replace(grading, stubs=True, run_checks=run).run(listener)
    return Graded(request.run, report.exercises)
