"""Reads a process's answers as they come, so that it never waits for us to take them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque

__all__ = ["Inbox"]

LARGEST_ANSWER = 4 << 20  # bytes; the largest of a right submission has half a megabyte
MOST, MOST_LINES = 4 * LARGEST_ANSWER, 2_000  # not taken yet; far more than anybody asks ahead
STACK = 256 << 10  # bytes of address space: a thread needs little, and there are many


class Inbox:
    """The lines that arrive on a descriptor, taken in by a thread of its own.

    It reads no further when too much has come: nobody asked for that, and the first of it will tell.

    A thread, because pipes can be waited for in no other way on every system. It begins when somebody
    asks for the first line: until then the system keeps what comes, and the grader, which imports its
    libraries meanwhile, is not interrupted for each line.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._over = False
        self._lines: deque[bytes | None] = deque()
        self._held = 0  # bytes, in lines not taken yet
        self._lock = threading.Lock()
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)

    def ready(self) -> bool:
        """True when `take` has something to give."""
        self.open()
        return bool(self._lines)

    def open(self) -> None:
        """Begin to read, unless that has begun already."""
        if self._thread.ident is None:
            _start(self._thread)

    def take(self) -> bytes | None:
        """The next line; None, from then on, when there will be no more."""
        with self._lock:
            line = self._lines.popleft()
            if line is None:
                self._lines.append(None)
            else:
                self._held -= len(line)
        return line

    async def wait(self, seconds: float) -> bool:
        """Wait until something is there, for so many real seconds at most; says whether it is."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._lines:
                return True
            self._waiting = loop, arrived
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived, seconds)
        return bool(self._lines)

    def join(self) -> None:
        """Wait for the thread, once the process has ended: the descriptor may be closed then.

        A grandchild may still hold the other end of a pipe; then the thread waits for that, and
        reads no further.
        """
        self._over = True
        if self._thread.ident is not None:
            self._thread.join(1)

    def _read(self) -> None:
        pending: list[bytes] = []  # of a line that has not ended
        size = 0
        while (more := self._more()) and not self._over:
            first, *others = more.split(b"\n")
            pending.append(first)
            size += len(first)
            if others:
                self._put(b"".join(pending))
                *lines, rest = others
                for line in lines:
                    self._put(line)
                pending, size = [rest], len(rest)
            if size > LARGEST_ANSWER or self._held > MOST or len(self._lines) > MOST_LINES:
                break
        self._put(None)

    def _more(self) -> bytes:
        try:
            return os.read(self._fd, 1 << 18)
        except OSError:
            return b""

    def _put(self, line: bytes | None) -> None:
        with self._lock:
            self._lines.append(line)
            self._held += len(line or b"")
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            loop, arrived = waiting
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(_resolve, arrived)


def _start(thread: threading.Thread) -> None:
    usual = threading.stack_size(STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(usual)


def _resolve(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)
