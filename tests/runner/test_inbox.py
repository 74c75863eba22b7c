"""The inbox: lines as they come, and an end to what nobody asked for."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.runner import inbox as runner_inbox
from grader.runner.inbox import Inbox


class Line:
    """A pipe with an inbox at its end."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        self.inbox = Inbox(self.read)
        self.inbox.open()

    def send(self, data: bytes) -> None:
        os.write(self.write, data)

    def hang_up(self) -> None:
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    def close(self) -> None:
        self.hang_up()
        self.inbox._thread.join(10)
        os.close(self.read)


@pytest.fixture
def line() -> Iterator[Line]:
    """A pipe with an inbox, closed in the end."""
    one = Line()
    yield one
    one.close()


def _rest(inbox: Inbox) -> list[bytes]:
    """All the lines up to the end."""
    inbox._thread.join(10)
    return list(iter(inbox.take, None))


async def test_a_line_is_waited_for(line: Line) -> None:
    """`wait` says whether something came in time, and `take` gives it."""
    assert not line.inbox.ready()
    assert not await line.inbox.wait(0.001)
    waiting = asyncio.ensure_future(line.inbox.wait(60))
    await asyncio.sleep(0)
    line.send(b"one\ntwo\nthr")
    assert await waiting
    assert line.inbox.take() == b"one"
    assert await line.inbox.wait(60)
    assert line.inbox.take() == b"two"
    assert not await line.inbox.wait(0.001)
    line.send(b"ee\n")
    assert await line.inbox.wait(60)
    assert line.inbox.take() == b"three"


async def test_the_end_is_told_again_and_again(line: Line) -> None:
    """After the last line there is None, as often as one asks; half a line is none."""
    line.send(b"one\nhalf")
    line.hang_up()
    assert _rest(line.inbox) == [b"one"]
    assert await line.inbox.wait(0)
    assert (line.inbox.take(), line.inbox.take()) == (None, None)


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=20), max_size=10))
def test_lines_arrive_however_they_are_cut(chunks: list[bytes]) -> None:
    """Whatever the pieces, the lines are those of the whole."""
    one = Line()
    try:
        for chunk in chunks:
            one.send(chunk)
        one.hang_up()
        assert _rest(one.inbox) == b"".join(chunks).split(b"\n")[:-1]
    finally:
        one.close()


@pytest.mark.parametrize(
    ("limit", "value", "data"),
    [
        ("LARGEST_ANSWER", 1_000, b"x" * 5_000),
        ("MOST", 1_000, b"x" * 500 + b"\n" + b"x" * 600 + b"\n"),
        ("MOST_LINES", 10, b"x\n" * 20),
    ],
)
def test_too_much_is_the_end(
    limit: str, value: int, data: bytes, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limits nothing more is read, though the other side would go on."""
    monkeypatch.setattr(runner_inbox, limit, value)
    line.send(data)
    lines = _rest(line.inbox)
    assert lines == data.split(b"\n")[:-1]
    line.send(b"more\n")
    assert line.inbox.take() is None


def test_what_was_taken_makes_room(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what lies there untaken counts towards the limit."""
    monkeypatch.setattr(runner_inbox, "MOST", 1_000)
    for number in range(10):
        line.send(b"%d" % number * 300 + b"\n")
        while not line.inbox.ready():
            threading.Event().wait(0.001)
        assert line.inbox.take() == b"%d" % number * 300
    line.hang_up()
    assert _rest(line.inbox) == []


def test_a_line_that_breaks_off_is_an_end() -> None:
    """A descriptor that cannot be read ends like any other."""
    read, write = os.pipe()
    one = Inbox(write)
    one.open()
    assert _rest(one) == []
    for fd in (read, write):
        os.close(fd)


def test_after_joining_nothing_is_read_any_more(line: Line) -> None:
    """What arrives when the process is done with is dropped, and the thread ends."""
    line.inbox._over = True
    line.send(b"late\n")
    line.inbox.join()
    assert not line.inbox._thread.is_alive()
    assert _rest(line.inbox) == []


def test_somebody_who_waited_may_be_gone(line: Line) -> None:
    """A line that comes when the waiting loop is closed, or the wait is over, hurts nobody."""

    async def wait() -> None:
        waiting = asyncio.ensure_future(line.inbox.wait(60))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])

    asyncio.run(wait())
    line.send(b"late\n")
    line.hang_up()
    assert _rest(line.inbox) == [b"late"]


async def test_a_wait_that_is_over_is_left_alone() -> None:
    """An answer that comes after its wait has ended changes nothing."""
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    runner_inbox._resolve(arrived)
    runner_inbox._resolve(arrived)
    assert arrived.done()


def test_nothing_is_read_before_somebody_asks() -> None:
    """Until the first question no thread runs; an inbox that was never asked can be joined, too."""
    read, write = os.pipe()
    inbox = Inbox(read)
    os.write(write, b"one\n")
    inbox.join()
    assert inbox._thread.ident is None
    assert os.read(read, 10) == b"one\n"
    for fd in (read, write):
        os.close(fd)
