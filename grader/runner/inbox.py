"""Reads a process's answers as they arrive, so that it never waits for us to take them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque

__all__ = ["Inbox"]

LARGEST_ANSWER = 4 << 20  # bytes; the largest of a correct submission has half a megabyte
MOST, MOST_LINES = 4 * LARGEST_ANSWER, 2_000  # not taken yet; far more than is ever prefetched
STACK = 256 << 10  # bytes of address space per thread: one needs little, and there are many


class Inbox:
    """The lines that arrive on a descriptor, read by a thread of its own.

    It stops reading after too much data: that was not requested, and its first line will show it.

    A thread is the only way to wait for pipes on every system. It starts when the first line is
    asked for: until then the system buffers the data, and the grader, which imports its libraries
    meanwhile, is not interrupted for each line.
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
        """Return True when `take` has a line or the end to return."""
        self.open()
        return bool(self._lines)

    def open(self) -> None:
        """Start reading, unless already started."""
        if self._thread.ident is None:
            _start(self._thread)

    def take(self) -> bytes | None:
        """Return the next line; None, from then on, when there will be no more."""
        with self._lock:
            line = self._lines.popleft()
            if line is None:
                self._lines.append(None)
            else:
                self._held -= len(line)
        return line

    async def wait(self, seconds: float) -> bool:
        """Wait for a line, at most so many real seconds; returns True if there is one."""
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
        """Wait for the thread, once the process has ended; then the descriptor may be closed.

        Waits at most 1 s: if a grandchild keeps the other end of a pipe open, the thread waits for
        that, and reads no further.
        """
        self._over = True
        if self._thread.ident is not None:
            self._thread.join(1)

    def _read(self) -> None:
        pieces: list[bytes] = []  # of an unfinished line
        size = 0
        while (more := self._more()) and not self._over:
            first, *others = more.split(b"\n")
            pieces.append(first)
            size += len(first)
            if others:
                self._put(b"".join(pieces))
                *lines, rest = others
                for line in lines:
                    self._put(line)
                pieces, size = [rest], len(rest)
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
