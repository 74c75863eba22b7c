"""Runs one submission's scenarios in its own processes, and reports how each process ended."""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import GraderFault
from grader.runner.connection import Connection
from grader.runner.cutting import cut
from grader.runner.hosts import Host
from grader.runner.inbox import Inbox
from grader.runner.stops import (
    EXHAUSTED,
    NOT_RUN,
    OVERWRITTEN,
    SPENT,
    Stop,
    broken_stop,
    cut_stop,
    early_end,
    end_stop,
    import_stop,
    loading_stop,
)
from grader.runner.watch import Health, Spent, Usage, Watch
from grader.script import Script, to_json

__all__ = ["Learner", "Submission"]

CPU_LIMIT = 2.5  # processor seconds per request; the heaviest correct one takes 0.1
CPU_LIMIT_AFTER = 1.0  # the same, once a process of the submission had to be ended
MOST_ENDS = 3  # processes that may have to be ended before no more scenarios are run
MOST_NOTICED, LONGEST_NOTICE = 20, 200
MOST_ANSWERED = 4 << 20  # bytes of all answers; a correct submission has 0.9 MB at most
# Lists and objects per answer, which is rows of plain values: each takes 20 times its bytes.
MOST_PARTS = 100_000
_LOOK_EVERY = 0.1
# Bytes that wait on the way to a process without anybody reading: a pipe holds 64 KB on Linux (pipe(7)),
# and a few elsewhere.
ROOM = (32 if sys.platform == "linux" else 4) << 10
_GROUPS = itertools.count(1)  # of processes, one per submission
_LOAD = "load"
_UP = b'{"up":true}'
_encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
_CUT = b'{"cut":'


@dataclass(frozen=True)
class Submission:
    """A learner's submission: its source text, and its name in messages.

    filename: also identifies the learner's frames. name: the exercise's id.
    """

    name: str
    filename: str
    code: str


@dataclass
class _Process:
    """A process, its requests without an answer (in order), and its answers not yet taken."""

    connection: Connection
    inbox: Inbox
    nonce: bytes  # the prefix of its lines, known only to the lab in it
    up: bool = False  # it has reported that the lab works, before any of the learner's code ran
    sent: int = 0  # bytes
    asked: deque[str] = field(default_factory=deque)
    answered: dict[str, deque[bytes]] = field(default_factory=dict)
    loaded: Stop | bool = False


class Learner:
    """Runs one submission's scenarios, in a new process whenever the last one was lost.

    seed: the source of all randomness in the submission's processes, with the process's number.
    spent: the time used by everything graded together, to which this submission's is added.
    """

    def __init__(
        self, host: Host, submission: Submission, seed: str, spent: Spent | None = None
    ) -> None:
        self._host = host
        self._group = next(_GROUPS)
        self._seed = seed
        self._processes: dict[int, _Process] = {}
        self._usage = Usage(spent or Spent())
        self._answered = 0  # bytes
        self._unrun = SPENT  # why nothing is run any more; `NOT_RUN` once another stop was returned
        self.submission = submission
        self.ends = 0
        self.noticed: dict[str, None] = {}  # attempts that the sandbox noticed, each once

    def beside(self, submission: Submission) -> Learner:
        """Return a learner for another submission, on the same host and with the same seed."""
        return Learner(self._host, submission, self._seed)

    def start(self, process: int = 0) -> None:
        """Start a process and send it the submission, without waiting until it is loaded."""
        connection = self._host.spawn(self._group)
        nonce = os.urandom(16).hex()
        one = _Process(connection, Inbox(connection.answers), f"{nonce} ".encode())
        self._processes[process] = one
        request = {
            "do": "load",
            "nonce": nonce,
            "code": self.submission.code,
            "filename": self.submission.filename,
            "name": self.submission.name,
            "seed": self._seed_of(process),
            "seconds": self._limit,
        }
        self._ask(one, _LOAD, json.dumps(request))

    def _seed_of(self, process: int) -> str:
        """Return a process's seed, which does not reveal the run's, from which all checks draw."""
        return f"{random.Random(f'{self._seed}/{process}').getrandbits(128):x}"

    def prepare(self, scripts: Sequence[Script], process: int = 0) -> None:
        """Prefetch scripts; `run` then finds their traces ready."""
        if process not in self._processes:
            self.start(process)
        for script in scripts:
            self._ask_to_run(self._processes[process], script)

    async def load(self, process: int = 0) -> Stop | None:
        """Wait until the submission is imported; returns what went wrong, or None."""
        if process not in self._processes:
            self.start(process)
        one = self._processes[process]
        if one.loaded is False:
            answer = await self._answer(process, _LOAD)
            if isinstance(answer, Mapping) and not {"loaded", "cut"} & set(answer):
                answer = self._overwritten(process)
            stop = answer if isinstance(answer, Stop) else import_stop(answer)
            one.loaded = True if stop is None else loading_stop(stop)
        return one.loaded if isinstance(one.loaded, Stop) else None

    async def run(self, script: Script, process: int = 0) -> Mapping[str, Any] | Stop:
        """Play one script; returns the raw trace, or why there is none.

        process: scripts with different numbers run in different processes of the submission,
        which share no randomness and no state; make only one call at a time for each.
        """
        answer = await self._run(script, process)
        if isinstance(answer, Stop):
            self._unrun = NOT_RUN
        return answer

    async def _run(self, script: Script, process: int) -> Mapping[str, Any] | Stop:
        while True:
            if self.ends >= MOST_ENDS or self._usage.is_spent:
                return self._unrun
            if self._answered > MOST_ANSWERED:
                return EXHAUSTED
            stop = await self.load(process)
            if stop is not None:
                return stop
            key = self._ask_to_run(self._processes[process], script, again=False)
            answer = await self._answer(process, key)
            if answer is None:
                continue  # the process ended over an earlier scenario, no longer needed
            if isinstance(answer, Mapping) and answer.get("cut"):
                self.ends += 1
                self._drop(process)
                return cut_stop(answer)
            if isinstance(answer, Mapping) and "format" not in answer:
                return self._overwritten(process)
            return answer  # type: ignore[no-any-return]  # a dict of JSON, or a Stop

    def close(self) -> None:
        """End all processes of this submission."""
        for process in list(self._processes):
            self._drop(process)

    @property
    def _limit(self) -> float:
        return CPU_LIMIT_AFTER if self.ends else CPU_LIMIT

    def _drop(self, process: int) -> None:
        one = self._processes.pop(process)
        try:
            self._usage.forget(one.connection.pid)
            one.connection.hang_up()
        finally:
            one.inbox.join()
            one.connection.close()

    # -- talking --------------------------------------------------------------------------------

    def _ask_to_run(self, one: _Process, script: Script, *, again: bool = True) -> str:
        """Request a script; returns the key of its answer.

        again: request it even if its answer is on its way.
        """
        key = _encode(to_json(script))
        if again or (key not in one.asked and not one.answered.get(key)):
            self._ask(one, key, f'{{"do":"run","seconds":{self._limit},"script":{key}}}')
        return key

    def _ask(self, one: _Process, key: str, request: str) -> None:
        """Send a request, a JSON object; `key` is what its answer is kept by."""
        one.asked.append(key)
        data = memoryview(request.encode() + b"\n")
        one.sent += len(data)
        if one.sent > ROOM:  # else it might wait for us to read, and we for it, for ever
            one.inbox.open()
        try:
            while data:
                data = data[os.write(one.connection.requests, data) :]
        except (BrokenPipeError, ConnectionError):
            return  # the process has ended; reading its answer shows how

    async def _answer(self, process: int, key: str) -> Any:
        """Return the answer to a request; None when the process ended over an earlier one."""
        one = self._processes[process]
        health = Health.FINE
        while not one.answered.get(key):
            if not one.inbox.ready():
                health = await self._wait(one)
            line = one.inbox.take() if one.inbox.ready() else None
            if line is None:
                guilty = not one.asked or one.asked[0] == key
                stop = self._post_mortem(process, health)
                if guilty or key == _LOAD:
                    return stop
                self._unrun = stop
                return None
            said = self._verified(process, one, line)
            if isinstance(said, Stop):
                return said
            if not said:
                continue
            if not one.loaded:
                self._usage.look_at(one.connection.pid)
            asked = one.asked.popleft() if one.asked else ""
            if asked != key and said.startswith(_CUT):  # the last answer of this process
                self.ends += 1
                self._drop(process)
                self._unrun = cut_stop(_decoded(said) or {})
                return None
            one.answered.setdefault(asked, deque()).append(said)
        return self._parsed(process, one.answered[key].popleft())

    def _verified(self, process: int, one: _Process, line: bytes) -> bytes | Stop:
        """Return what the lab wrote in this line, or b"" if it only reports that it works.

        Raises `GraderFault` for any other first line: none of the submission's code has run.
        """
        if not line.startswith(one.nonce):
            if not one.up:
                raise early_end(*self._end_process(process))
            return self._overwritten(process)
        said = line[len(one.nonce) :]
        self._answered += len(said)
        if one.up:
            return said
        if said != _UP:
            raise GraderFault(f"The lab could not begin: {said[:2_000].decode(errors='replace')}")
        one.up = True
        return b""

    async def _wait(self, one: _Process) -> Health:
        """Wait for the next line or the end; an unhealthy process is ended."""
        watch = None
        while not await one.inbox.wait(_LOOK_EVERY):
            watch = watch or Watch(one.connection.pid, self._limit, self._usage)
            health = watch.look()
            if health is not Health.FINE:
                await self._stop_running(one)
                return health
        return Health.FINE

    def _parsed(self, process: int, line: bytes) -> Any:
        answer = _decoded(line)
        if answer is None:
            return self._overwritten(process)
        self._record_attempts(answer.pop("noticed", None))
        if "broke" in answer:
            return self._broken(process, answer)
        return cut(answer)

    def _record_attempts(self, noticed: Any) -> None:
        if type(noticed) is not list:
            return
        for words in noticed[:MOST_NOTICED]:
            if type(words) is str and len(self.noticed) < MOST_NOTICED:
                self.noticed[words[:LONGEST_NOTICE]] = None

    def _overwritten(self, process: int) -> Stop:
        self.ends += 1
        self._drop(process)
        return OVERWRITTEN

    async def _stop_running(self, one: _Process) -> None:
        """Let the process write its stack, then end it, even if it resists."""
        one.connection.interrupt()
        if not await one.inbox.wait(0.3):
            one.connection.end()
            one.connection.hang_up()

    def _broken(self, process: int, answer: Mapping[str, Any]) -> Stop:
        self.ends += 1
        self._drop(process)
        return broken_stop(answer)

    def _post_mortem(self, process: int, health: Health) -> Stop:
        one = self._processes[process]
        alive = health is Health.FINE and not one.connection.ends_itself()
        code, text = self._end_process(process)
        if not one.up:
            raise early_end(code, text)
        self.ends += 1
        file = self.submission
        return end_stop(file.filename, file.code, health, code, text, alive=alive)

    def _end_process(self, process: int) -> tuple[int, str]:
        """End a process; returns its exit code and what was written about its end."""
        connection = self._processes[process].connection
        code = connection.end()
        text = connection.fault_text()
        self._drop(process)
        return code, text


def _decoded(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line; None if there is none, or more than the lab ever writes."""
    if line.count(b"{") + line.count(b"[") >= MOST_PARTS:
        return None
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return answer if type(answer) is dict else None
