"""Runs the public command, and notes how long each submission of a class takes.

    python -m tests.hostile.listening FILE class FOLDER --out DIR ...

The same as `python -m grader class ...`, but a line of JSON goes to FILE for each try of a submission:
its name, and its real seconds.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
from pathlib import Path
from typing import Any

from grader.classroom import run as class_run

__all__ = ["main"]


class _Listening:
    """An audience that notes times, and passes on to the command's own."""

    def __init__(self, audience: Any, file: Path) -> None:
        self._audience = audience
        self._file = file
        self._began: dict[int, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._audience, name)

    def grading(self, worker: int, submission: str) -> None:
        self._began[worker] = time.monotonic()
        self._audience.grading(worker, submission)

    def graded(self, worker: int, result: Any) -> None:
        self._note(worker, result.submission)
        self._audience.graded(worker, result)

    def failed(self, worker: int, submission: str, reason: str) -> None:
        self._note(worker, submission, reason)
        self._audience.failed(worker, submission, reason)

    def _note(self, worker: int, submission: str, reason: str = "") -> None:
        seconds = time.monotonic() - self._began.pop(worker)
        line = {"submission": submission, "seconds": round(seconds, 3), "failed": reason}
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def main(words: list[str]) -> None:
    """Put ourselves between the run and its audience, then start the command."""
    file = Path(words[0])
    grade_class = class_run.grade_class

    def listened(plan: Any, store: Any, run: Any, audience: Any = None, **more: Any) -> None:
        grade_class(plan, store, run, _Listening(audience or class_run.Nobody(), file), **more)

    class_run.grade_class = listened  # before the command imports it
    sys.argv[:] = ["grader", *words[1:]]
    runpy.run_module("grader", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
