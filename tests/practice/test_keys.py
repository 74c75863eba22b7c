"""Keys, from what terminals, consoles and pipes give."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.practice.keys import ConsoleKeys, Decoder, LineKeys, TerminalKeys

PATIENCE = 60


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"n", ["n"]),
        ("é?".encode(), ["é", "?"]),
        (b"\r\n\x03\x1a\x04", ["enter", "enter", "ctrl-c", "ctrl-z", "eof"]),
        (b"\x1b[A\x1b[B\x1bOA\x1bOH\x1b[F", ["up", "down", "up", "home", "end"]),
        (b"\x1b[5~\x1b[6~\x1b[1~\x1b[4~", ["pgup", "pgdn", "home", "end"]),
        (b"\x1b[1;5Cj\x1b[200~", ["j"]),
        (b"\x1bq", ["esc", "q"]),
        (b"\x1b\x1b[A", ["esc", "up"]),
        (b"\xff", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_what_a_terminal_sends(data: bytes, keys: list[str]) -> None:
    """Characters, control keys, and the sequences of the keys that have no character."""
    assert Decoder().feed(data) == keys


def test_the_escape_key() -> None:
    """It is one when nothing follows it for a moment."""
    decoder = Decoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.feed(b"") == ["esc"]
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\x1b[") == []
    assert decoder.feed(b"") == []


@given(st.lists(st.integers(0, 12), max_size=12))
def test_pieces(cuts: list[int]) -> None:
    """However it is cut into pieces, it is the same keys."""
    data = "n\x1b[Aé\x1b[6~q".encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    decoder = Decoder()
    keys = [key for a, b in pairwise(places) for key in decoder.feed(data[a:b])]
    assert keys == ["n", "up", "é", "pgdn", "q"]


# -- readers ---------------------------------------------------------------------------------------


@pytest.fixture
def typed() -> queue.SimpleQueue[str]:
    """The keys that arrive."""
    return queue.SimpleQueue()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends."""
    read, write = os.pipe()
    yield read, write
    for fd in (read, write):
        try:
            os.close(fd)
        except OSError:
            continue


def _take(typed: queue.SimpleQueue[str], count: int) -> list[str]:
    return [typed.get(timeout=PATIENCE) for _ in range(count)]


def test_lines(pipe: tuple[int, int], typed: queue.SimpleQueue[str]) -> None:
    """A line is a key; an empty one is Enter; the end of all lines is told."""
    LineKeys(pipe[0], typed.put).start()
    os.write(pipe[1], b"n\n\n  h \nq")
    assert _take(typed, 3) == ["n", "enter", "h"]
    os.write(pipe[1], b"\n")
    os.close(pipe[1])
    assert _take(typed, 2) == ["q", "eof"]


def test_no_lines_at_all(typed: queue.SimpleQueue[str]) -> None:
    """Where nothing can ever be typed, that is told, and is not the end."""
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is all that is wanted
        LineKeys(nothing.fileno(), typed.put).start()
        assert _take(typed, 1) == ["deaf"]


def test_lines_nobody_wants(pipe: tuple[int, int], typed: queue.SimpleQueue[str]) -> None:
    """Once it is stopped it posts nothing more, not even the line that it was waiting for."""
    keys = LineKeys(pipe[0], typed.put)
    keys.start()
    keys.stop()
    os.write(pipe[1], b"n\n")
    assert keys._thread is not None
    keys._thread.join(PATIENCE)
    assert typed.empty()


def test_a_last_line_without_an_end(pipe: tuple[int, int], typed: queue.SimpleQueue[str]) -> None:
    """What was typed before the end of the input counts."""
    LineKeys(pipe[0], typed.put).start()
    os.write(pipe[1], b"n\nq")
    os.close(pipe[1])
    assert _take(typed, 3) == ["n", "q", "eof"]


def test_a_terminal(typed: queue.SimpleQueue[str]) -> None:
    """Keys are read until it is stopped, and again after it was started again; then it is gone."""
    termios = pytest.importorskip("termios")
    ours, theirs = os.openpty()
    modes = termios.tcgetattr(theirs)
    modes[3] &= ~(termios.ICANON | termios.ECHO)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    keys = TerminalKeys(theirs, typed.put)
    keys.start()
    os.write(ours, b"n\x1b")
    assert _take(typed, 2) == ["n", "esc"]
    keys.stop()
    os.write(ours, b"for somebody else")
    assert os.read(theirs, 100) == b"for somebody else"
    keys.start()
    os.write(ours, b"q")
    assert _take(typed, 1) == ["q"]
    os.close(ours)
    assert _take(typed, 1) == ["eof"]
    keys.stop()
    os.close(theirs)


class Console:
    """Stands in for `msvcrt`: gives these characters, then nothing."""

    def __init__(self, characters: str) -> None:
        self.left = list(characters)

    def kbhit(self) -> bool:
        return bool(self.left)

    def getwch(self) -> str:
        return self.left.pop(0)


def test_a_console(typed: queue.SimpleQueue[str]) -> None:
    """Windows' console gives characters, and codes behind a prefix."""
    keys = ConsoleKeys(Console("n\xe0H\0Q\x1b\r\xe0\x86\x03"), typed.put)
    keys.start()
    assert _take(typed, 6) == ["n", "up", "pgdn", "esc", "enter", "ctrl-c"]
    keys.stop()
