"""One submission: loaded into processes of its own, run through scenarios, honest about every end."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.errors import GraderFault
from grader.runner.hosts import Connection, Host
from grader.runner.watch import Health, Watch
from grader.scenario import Scenario, to_json

__all__ = ["Learner", "Stop", "Submission"]

CPU_LIMIT = 1.5  # processor seconds for a request; the heaviest right one takes 0.1
CPU_LIMIT_AFTER = 1.0  # the same once a submission has been seen to spin
MOST_ENDS = 3  # processes that may have to be ended before the rest is not run any more
LARGEST_ANSWER = 64 << 20  # bytes
EXIT_MEMORY, EXIT_LAB = 86, 87  # as in `grader.lab.child`
_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Submission:
    """What a learner handed in: the source text, and what to call it in messages.

    filename is also what the learner's frames are known by; name is the exercise's id.
    """

    name: str
    filename: str
    code: str


@dataclass(frozen=True)
class Stop:
    """A request that was not answered in full: why (a `results.Why` value) and what was seen.

    error: the learner's exception as plain data, where there is one.
    code: the misconception behind it, where it is known.
    line: the learner's line to blame, where it is known.
    """

    why: str
    message: str
    line: int | None = None
    error: Mapping[str, Any] | None = None
    code: str | None = None


@dataclass
class _Process:
    connection: Connection
    pending: bytearray = field(default_factory=bytearray)
    loaded: Stop | bool = False


class Learner:
    """Runs one submission's scenarios, in a new process whenever the last one was lost.

    seed: what all randomness in the submission's processes comes from, with the process's number.
    """

    def __init__(self, host: Host, submission: Submission, seed: str) -> None:
        self._host = host
        self._seed = seed
        self._processes: dict[int, _Process] = {}
        self.submission = submission
        self.ends = 0

    def start(self, process: int = 0) -> None:
        """Start a process and hand it the submission, without waiting for it to be loaded."""
        one = _Process(self._host.spawn())
        self._processes[process] = one
        self._send(
            one,
            {
                "do": "load",
                "code": self.submission.code,
                "filename": self.submission.filename,
                "name": self.submission.name,
                "seed": f"{self._seed}/{process}",
                "seconds": self._limit,
            },
        )

    async def load(self, process: int = 0) -> Stop | None:
        """Wait until the submission is imported; returns what went wrong, if anything did."""
        if process not in self._processes:
            self.start(process)
        one = self._processes[process]
        if one.loaded is False:
            answer = await self._answer(process)
            one.loaded = answer if isinstance(answer, Stop) else _import_stop(answer) or True
        return one.loaded if isinstance(one.loaded, Stop) else None

    async def run(self, scenario: Scenario, process: int = 0) -> Mapping[str, Any] | Stop:
        """Run one scenario; returns the raw trace, or why there is none.

        process: scenarios with different numbers run in different processes of the submission,
        which share no randomness and no state.
        """
        if self.ends >= MOST_ENDS:
            return Stop("dependency", "not run: this file had to be stopped too often")
        stop = await self.load(process)
        if stop is not None:
            return stop
        one = self._processes[process]
        self._send(one, {"do": "run", "scenario": to_json(scenario), "seconds": self._limit})
        answer = await self._answer(process)
        if isinstance(answer, Mapping) and answer.get("cut"):
            self._drop(process)
            return _cut_stop(answer)
        return answer

    def close(self) -> None:
        """End all processes of this submission."""
        for process in list(self._processes):
            self._drop(process)

    @property
    def _limit(self) -> float:
        return CPU_LIMIT_AFTER if self.ends else CPU_LIMIT

    def _drop(self, process: int) -> None:
        self._processes.pop(process).connection.close()

    # -- talking --------------------------------------------------------------------------------

    def _send(self, one: _Process, request: Mapping[str, Any]) -> None:
        data = memoryview(json.dumps(request).encode() + b"\n")
        try:
            while data:
                data = data[os.write(one.connection.requests, data) :]
        except (BrokenPipeError, ConnectionError):
            return  # the process has ended; reading its answer finds out how

    async def _answer(self, process: int) -> Any:
        one = self._processes[process]
        reading = asyncio.ensure_future(_read_line(one.connection.answers, one.pending))
        watch, health = None, Health.FINE
        while not (await asyncio.wait((reading,), timeout=_LOOK_EVERY))[0]:
            watch = watch or Watch(one.connection.pid, self._limit)
            health = watch.look()
            if health is not Health.FINE:
                await self._stop_running(one.connection, reading)
        line = reading.result()
        if line is None:
            return self._post_mortem(process, health)
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if type(answer) is not dict:
            self.ends += 1
            self._drop(process)
            return Stop("error", "The file wrote over the grader's own line to it.")
        if "broke" in answer:
            return self._broken(process, answer)
        return answer

    async def _stop_running(
        self, connection: Connection, reading: asyncio.Future[bytes | None]
    ) -> None:
        """Let the process write its stack, then end it, however it resists."""
        connection.interrupt()
        if not (await asyncio.wait((reading,), timeout=0.3))[0]:
            connection.end()

    def _broken(self, process: int, answer: Mapping[str, Any]) -> Stop:
        self.ends += 1
        self._drop(process)
        changed = [name for name in answer.get("changed", ()) if type(name) is str]
        if not changed:
            raise GraderFault(f"The lab failed: {answer['broke']}")
        names = ", ".join(changed[:4])
        return Stop("error", f"The file replaces parts of Python that its own code needs: {names}.")

    # -- what happened to a process that ended --------------------------------------------------

    def _post_mortem(self, process: int, health: Health) -> Stop:
        connection = self._processes[process].connection
        code = connection.end()
        text = connection.fault_text()
        self._drop(process)
        self.ends += 1
        line = _line_in(text, self.submission.filename)
        where = f" at line {line}" if line else ""
        if health is Health.STANDS:
            return Stop("timeout", f"Waits in real time for something{where}, and never goes on.", line)
        if health is Health.SPINS or "Stack (most recent call first)" in text:
            message = f"Never gives the event loop a turn: it spins{where} without an await."
            return Stop("busy_loop", message, line)
        if code == EXIT_LAB:
            raise GraderFault("The lab failed and could not say how.")
        if code == EXIT_MEMORY or code == -9:
            return Stop("memory", f"Used more memory than 384 MB{where}.", line)
        if code < 0:
            return Stop("error", f"Python itself crashed{where} (signal {-code}).", line)
        return Stop("exit", f"Ended the whole program{where} (exit code {code}).", line)


async def _read_line(fd: int, pending: bytearray) -> bytes | None:
    """The next line from `fd`, or None when it ends first; `pending` keeps what is read beyond."""
    loop = asyncio.get_running_loop()
    while (end := pending.find(b"\n")) < 0:
        if len(pending) > LARGEST_ANSWER:
            return None
        more = await _read(loop, fd)
        if not more:
            return None
        pending += more
    line = bytes(pending[:end])
    del pending[: end + 1]
    return line


async def _read(loop: asyncio.AbstractEventLoop, fd: int) -> bytes:
    def read() -> bytes:
        try:
            return os.read(fd, 1 << 18)
        except ConnectionError:
            return b""

    if not hasattr(loop, "add_reader") or os.name == "nt":
        return await loop.run_in_executor(None, read)
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(fd, lambda: readable.done() or readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(fd)
    return read()


def _line_in(text: str, filename: str) -> int | None:
    """The innermost line of the learner's file in a stack that `faulthandler` wrote."""
    found = re.search(rf'File "{re.escape(filename)}", line (\d+)', text)
    return int(found[1]) if found else None


def _import_stop(answer: Mapping[str, Any]) -> Stop | None:
    if answer.get("loaded") is True:
        return None
    if answer.get("cut"):
        return _cut_stop(answer)
    error = answer.get("error") or {}
    lines = error.get("lines") or [None]
    how = answer.get("how")
    kind, text = error.get("type", "error"), error.get("text", "")
    words = f"{kind}: {text}" if text else kind
    where = f" (line {lines[-1]})" if lines[-1] else ""
    if how == "exit":
        return Stop("exit", f"Ends the program while it is imported{where}.", lines[-1], error)
    if how == "memory":
        return Stop("memory", f"Uses more memory than 384 MB while it is imported{where}.", lines[-1])
    return Stop("import", f"Cannot be imported: {words}{where}.", lines[-1], error)


def _cut_stop(answer: Mapping[str, Any]) -> Stop:
    end = answer.get("end") or {}
    line = end.get("line")
    if end.get("how") == "exit":
        where = f" at line {line}" if line else ""
        return Stop("exit", f"Ends the whole program{where}: {end.get('detail')}.", line)
    if end.get("detail") == "blocked":
        where = f" at line {line}" if line else ""
        message = f"time.sleep(){where} stops the whole event loop, again and again, for ever."
        return Stop("busy_loop", message, line, code="blocks-the-loop")
    what = "does" if end.get("detail") == "events" else "prints"
    return Stop("output", f"Never stops: it {what} far more than the exercise needs.", line)
