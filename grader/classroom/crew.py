"""Workers' processes: starts them, talks to them, and ends them, whatever they do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from grader.course.catalog import find_root

__all__ = ["WORKER", "Worker", "WorkerLost"]

WORKER = (sys.executable, "-m", "grader.classroom.worker")
SILENCE = 300.0  # seconds without a sign of life: far beyond any one check on a busy machine
STARTING = 120.0  # seconds for a worker to import what it needs; it takes half of one
ENDING = 8.0  # seconds to end in good order, before it is killed
LARGEST_ANSWER = 256 << 20  # bytes of a line; the source and a trace of each exercise fit in often
# Each thread's own arena would take 64 MB of address space, of which there may be a limit.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
_TAIL = 2_000  # bytes of what a worker wrote about its end


class WorkerLost(Exception):
    """A worker died, fell silent, or said that it cannot go on; its words say which."""


@dataclass
class Worker:
    """One worker's process, and the line to it. Use `start`, and `stop` it in any case.

    errors: what it writes to standard error. broken: exercises whose checks it cannot use.
    """

    process: asyncio.subprocess.Process
    errors: IO[bytes]
    broken: tuple[str, ...] = ()

    @classmethod
    async def start(cls, settings: Mapping[str, Any], command: Sequence[str] = WORKER) -> Worker:
        """Start a worker and wait until it is ready; raises `WorkerLost` when it is not to be."""
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        process = await asyncio.create_subprocess_exec(
            *command,
            json.dumps(settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=find_root(),
            env=os.environ | _FEW_ARENAS,
            limit=LARGEST_ANSWER,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        worker = cls(process, errors)
        try:
            await worker._come_up()
        except BaseException:
            await worker.stop()
            raise
        return worker

    async def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer, however long it takes while checks go on.

        Raises `WorkerLost`; the worker has to be stopped then.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionError):
            pass  # reading the answer finds out why
        while "beat" in (answer := await self._answer(SILENCE)):
            pass
        return answer

    async def stop(self) -> None:
        """End the process in good order, or else by force; no process of it is left."""
        try:
            assert self.process.stdin is not None
            self.process.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), ENDING)
        finally:
            if self.process.returncode is None:
                # What it started notices that it has gone, and ends too.
                self.process.kill()
            await self.process.wait()
            self.errors.close()

    async def _come_up(self) -> None:
        answer = await self._answer(STARTING)
        if "ready" not in answer:
            raise WorkerLost(str(answer.get("fault", "a worker started with nonsense")))
        self.broken = tuple(answer["broken"])

    async def _answer(self, patience: float) -> dict[str, Any]:
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), patience)
            answer = json.loads(line) if line.endswith(b"\n") else None
        except TimeoutError:
            raise WorkerLost(f"a worker gave no sign of life for {patience:.0f} s") from None
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
        raise WorkerLost(await self._last_words())

    async def _last_words(self) -> str:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), 1)
        code = self.process.returncode
        how = "answered with nonsense" if code is None else f"ended with {code}"
        if code is not None and code < 0:
            how = f"was killed by signal {-code}"
        said = self._tail()
        return f"a worker {how}" + (f": {said}" if said else "")

    def _tail(self) -> str:
        """The last line of what it wrote to standard error."""
        size = self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, size - _TAIL))
        lines = self.errors.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
