"""A copy of the whole course in a folder of its own, and programs that run in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pytest

__all__ = ["SPINS", "Talk", "copy_course", "environment", "eventually", "processes_of", "save"]

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0  # real seconds; a busy machine may take a while

SPINS = "async def run_pipeline(items, work, *, consumers=3, maxsize=3):\n    while True: pass\n"
"""A version of the first exercise that never gives the event loop a turn."""


def copy_course(folder: Path) -> Path:
    """Copy what a learner has; returns the course's root."""
    for name in ("exercises", "solutions", "grader"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("backups"))
    return folder


def environment(course: Path, **more: str) -> dict[str, str]:
    """The environment of a learner who has no wishes; progress is kept in the copy."""
    wishes = ("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "GRADER_COMMAND")
    kept = {k: v for k, v in os.environ.items() if k not in wishes}
    return kept | {"GRADER_STORE": str(course / "progress.sqlite3")} | more


def save(course: Path, exercise: str, source: str) -> None:
    """Save a file as many an editor does: a new one takes its place."""
    new = course / "exercises" / ".new"
    new.write_text(source, encoding="utf-8")
    new.replace(course / "exercises" / f"{exercise}.py")


def eventually(holds: Callable[[], object], what: Callable[[], str] | str) -> None:
    """Wait until something holds; fails, and says what there was instead, when it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain for: {what if isinstance(what, str) else what()}")
        time.sleep(0.02)


class Talk:
    """A program that is talked to in lines. A context manager: it has ended at its end."""

    def __init__(self, words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.said = ""
        self._read = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while more := os.read(self.process.stdout.fileno(), 1 << 16):
            self.said += more.decode("utf-8", "replace")

    def say(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self, pattern: str) -> str:
        """Wait for something new that matches; returns all that is new up to its end."""

        def found() -> bool:
            return re.search(pattern, self.said[self._read :]) is not None

        ended = self.process.poll
        eventually(
            lambda: found() or ended() is not None,
            lambda: f"{pattern} in\n{self.said[self._read :]}",
        )
        match = re.search(pattern, self.said[self._read :])
        assert match is not None, self.said
        start, self._read = self._read, self._read + match.end()
        return self.said[start : self._read]

    def end(self) -> int:
        """Wait for its own end; returns the exit code."""
        return self.process.wait(PATIENCE)


def processes_of(mark: str) -> list[str]:
    """The command lines of processes that were started with `mark` in their environment (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.with_name("cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it has ended, or is not ours
            continue
    return found
