"""Worker processes: starts them, talks to them, and ends them, whatever they do."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from grader.runner.interpreter import program
from grader.wire import Advanced, Answer, Graded, Ready, Request, Troubled, answer_in, request_line

__all__ = ["WORKER", "Worker", "WorkerLost"]

WORKER = tuple(program("grader.classroom.worker"))
SILENCE = 300.0  # seconds without a sign of life: far more than any check takes on a busy machine
STARTING = 120.0  # seconds for a worker's imports, which take half a second
ENDING = 8.0  # seconds to end by itself before it is killed
LARGEST_ANSWER = 256 << 20  # bytes of a line: many times each exercise's source and a trace
# An arena per thread would take 64 MB of address space each, which may be limited.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
_TAIL = 2_000  # bytes read from the end of a worker's standard error


class WorkerLost(Exception):
    """A worker died, fell silent, or reported that it cannot go on; the message says which."""


@dataclass
class Worker:
    """A worker process, and the pipe to it. Create it with `start`, and always `stop` it.

    errors: its standard error. broken: ids of exercises whose checks it cannot use.
    """

    process: asyncio.subprocess.Process
    errors: IO[bytes]
    broken: tuple[str, ...] = ()

    @classmethod
    async def start(cls, settings: Mapping[str, Any], command: Sequence[str] = WORKER) -> Worker:
        """Start a worker and wait until it is ready; raises `WorkerLost` when that fails."""
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        process = await asyncio.create_subprocess_exec(
            *command,
            json.dumps(settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=os.environ | _FEW_ARENAS,
            limit=LARGEST_ANSWER,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        worker = cls(process, errors)
        try:
            await worker._wait_until_ready()
        except BaseException:
            await worker.stop()
            raise
        return worker

    async def ask(self, job: Mapping[str, Any]) -> Graded | Troubled:
        """Send a job and return its answer, waiting as long as signs of life arrive.

        Raises `WorkerLost`; then stop the worker.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(request_line(Request(1, job)))
            await self.process.stdin.drain()
        except (BrokenPipeError, ConnectionError):
            pass  # reading the answer shows why
        while isinstance(answer := await self._answer(SILENCE), Advanced):
            pass
        if isinstance(answer, Ready):
            raise WorkerLost("a worker began anew in the middle of its work")
        return answer

    async def stop(self) -> None:
        """End the process, by force after `ENDING` seconds; none of its children is left."""
        try:
            assert self.process.stdin is not None
            self.process.stdin.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), ENDING)
        finally:
            if self.process.returncode is None:
                # Its children notice that it is gone, and end too.
                self.process.kill()
            await self.process.wait()
            self.errors.close()

    async def _wait_until_ready(self) -> None:
        answer = await self._answer(STARTING)
        if isinstance(answer, Troubled):
            raise WorkerLost(answer.trouble)
        if not isinstance(answer, Ready):
            raise WorkerLost("a worker began with verdicts that nobody had asked for")
        self.broken = answer.broken

    async def _answer(self, seconds: float) -> Answer:
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
            return answer_in(line)
        except TimeoutError:
            raise WorkerLost(f"a worker gave no sign of life for {seconds:.0f} s") from None
        except ValueError:  # nonsense, or the end of the pipe
            raise WorkerLost(await self._end_reason()) from None

    async def _end_reason(self) -> str:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), 1)
        code = self.process.returncode
        how = "answered with nonsense" if code is None else f"ended with {code}"
        if code is not None and code < 0:
            how = f"was killed by signal {-code}"
        said = self._last_error_line()
        return f"a worker {how}" + (f": {said}" if said else "")

    def _last_error_line(self) -> str:
        """Return the last line that is not blank of its standard error, or ""."""
        size = self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, size - _TAIL))
        lines = self.errors.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
