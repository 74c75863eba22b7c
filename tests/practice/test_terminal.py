"""The terminal is taken and put back as it was, attribute by attribute, whatever happens."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.practice import terminal as module
from grader.practice.keys import ConsoleKeys, TerminalKeys
from grader.practice.terminal import Terminal, open_terminal

termios = pytest.importorskip("termios")
ROOT = Path(__file__).parents[2]
PATIENCE = 60


class Pty:
    """A terminal of 80 x 24, whose other end is read here."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.openpty()
        self.streams = SimpleNamespace()
        termios.tcsetwinsize(self.theirs, (24, 80))

    def attributes(self) -> Any:
        return termios.tcgetattr(self.theirs)

    def read(self) -> str:
        """What was written so far."""
        seen = b""
        while select.select([self.ours], [], [], 0)[0]:
            seen += os.read(self.ours, 1 << 16)
        return seen.decode()

    def read_until(self, word: bytes) -> str:
        seen = b""
        while word not in seen:
            assert select.select([self.ours], [], [], PATIENCE)[0], seen
            seen += os.read(self.ours, 1 << 16)
        return seen.decode()


@pytest.fixture
def pty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pty]:
    """A terminal on standard input and output."""
    one = Pty()
    with (
        open(one.theirs, encoding="utf-8", closefd=False) as stdin,
        open(one.theirs, "w", encoding="utf-8", closefd=False) as stdout,
    ):
        # Not the real ones, which pytest's capture puts back before each test.
        streams = SimpleNamespace(stdin=stdin, stdout=stdout, exit=sys.exit)
        monkeypatch.setattr(module, "sys", streams)
        one.streams = streams
        monkeypatch.setenv("TERM", "xterm")
        yield one
    with contextlib.suppress(OSError):
        os.close(one.ours)
    os.close(one.theirs)


@pytest.fixture
def anew() -> list[None]:
    """Each time that everything was to be drawn anew."""
    return []


@pytest.fixture
def terminal(pty: Pty, anew: list[None]) -> Terminal:
    """It is not taken yet."""
    return Terminal(termios, lambda: anew.append(None))


def test_taken_and_given_back(pty: Pty, terminal: Terminal) -> None:
    """Keys come at once and unseen, on another screen; then all is as it was."""
    before = pty.attributes()
    with terminal:
        during = pty.attributes()
        assert terminal.taken
        assert not during[3] & (termios.ECHO | termios.ICANON)
        assert during[3] & termios.ISIG
        assert "\x1b[?1049h\x1b[?25l" in pty.read()
    assert pty.attributes() == before
    assert pty.read() == "\x1b[?25h\x1b[?1049l"
    terminal.give_back()
    assert pty.read() == ""


def test_signals_are_as_they_were(terminal: Terminal) -> None:
    """Whoever handled them before does so again."""
    numbers = [signal.SIGWINCH, signal.SIGCONT, signal.SIGTSTP, signal.SIGTERM, signal.SIGHUP]
    before = [signal.getsignal(number) for number in numbers]
    with terminal:
        assert all(callable(signal.getsignal(number)) for number in numbers)
    assert [signal.getsignal(number) for number in numbers] == before


def test_an_error_of_ours(pty: Pty, terminal: Terminal) -> None:
    """What is raised is raised with the terminal as it was."""
    before = pty.attributes()
    with pytest.raises(ZeroDivisionError), terminal:
        raise ZeroDivisionError
    assert pty.attributes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end(pty: Pty, terminal: Terminal, number: signal.Signals) -> None:
    """It ends as a shell expects it, on the ordinary way."""
    before = pty.attributes()
    with pytest.raises(SystemExit) as left, terminal:
        os.kill(os.getpid(), number)
    assert left.value.code == 128 + number
    assert pty.attributes() == before


def test_lent(pty: Pty, terminal: Terminal) -> None:
    """Another program has it as it was, and Ctrl-C is for that program alone."""
    before = pty.attributes()
    with terminal:
        terminal.lend()
        assert pty.attributes() == before
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL
        pty.read()
        terminal.draw(["not now"])
        assert pty.read() == ""
        terminal.take_back()
        terminal.take_back()
        assert pty.attributes() != before
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert pty.attributes() == before


def test_suspended(
    pty: Pty, terminal: Terminal, anew: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole group is stopped, with the terminal as it was; then it is taken as it is then."""
    before = pty.attributes()
    stopped: list[Any] = []

    def stop(process: int, number: int) -> None:
        stopped.append((process, number, signal.getsignal(number), pty.attributes()))

    with terminal:
        monkeypatch.setattr(os, "kill", stop)
        ours = signal.getsignal(signal.SIGTSTP)
        terminal.suspend()
        assert signal.getsignal(signal.SIGTSTP) == ours
        assert stopped == [(0, signal.SIGTSTP, signal.SIG_DFL, before)]
        assert (terminal.taken, anew) == (True, [None])
        terminal.give_back()
        terminal.suspend()
        assert not terminal.taken
    assert pty.attributes() == before


def test_other_modes_after_a_stop(pty: Pty, terminal: Terminal, anew: list[None]) -> None:
    """A shell that had the terminal meanwhile left modes of its own: ours come back."""
    with terminal:
        ours = pty.attributes()
        theirs = pty.attributes()
        theirs[3] |= termios.ECHO
        termios.tcsetattr(pty.theirs, termios.TCSANOW, theirs)
        os.kill(os.getpid(), signal.SIGCONT)
        assert pty.attributes() == ours
        assert anew == [None]
        terminal.give_back()
        os.kill(os.getpid(), signal.SIGCONT)
        assert pty.attributes() != ours


def test_a_window_of_another_size(pty: Pty, terminal: Terminal, anew: list[None]) -> None:
    """It is told, and everything is drawn anew."""
    with terminal:
        terminal.draw(["one", "two"])
        termios.tcsetwinsize(pty.theirs, (20, 60))
        os.kill(os.getpid(), signal.SIGWINCH)
        assert anew == [None]
        assert terminal.size == (60, 20)
        pty.read()
        terminal.draw(["one", "two"])
        assert "\x1b[2J" in (written := pty.read())
        assert "one" in written


def test_only_changes_are_drawn(pty: Pty, terminal: Terminal) -> None:
    """What is there already is not written again; what is no longer there is wiped."""
    with terminal:
        terminal.draw(["one", "two", "three"])
        assert "three" in pty.read_until(b"2026l")
        terminal.draw(["one", "2", "three"])
        written = pty.read_until(b"2026l")
        assert "\x1b[2;1H\x1b[K2" in written
        assert "three" not in written
        terminal.draw(["one", "2", "three"])
        assert pty.read() == ""
        terminal.draw(["one"])
        assert "\x1b[2;1H\x1b[J" in pty.read_until(b"2026l")


def test_a_terminal_that_has_gone(
    pty: Pty, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is like a pipe that nobody reads any more, and nothing else goes wrong."""

    def gone(*_text: str) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with terminal:
        stream = SimpleNamespace(write=gone, flush=gone, fileno=pty.streams.stdout.fileno)
        monkeypatch.setattr(pty.streams, "stdout", stream)
        with pytest.raises(BrokenPipeError):
            terminal.draw(["one"])


def test_a_size_that_is_not_known(
    pty: Pty, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some terminals say 0 x 0, and a file says nothing."""
    termios.tcsetwinsize(pty.theirs, (0, 0))
    assert terminal.size == (80, 24)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path of a file
        monkeypatch.setattr(pty.streams, "stdout", nowhere)
        assert terminal.size == (80, 24)


# -- which terminal --------------------------------------------------------------------------------


def _opened() -> tuple[Terminal, Any] | None:
    return open_terminal(lambda _key: None, lambda: None)


def test_a_posix_terminal(pty: Pty) -> None:
    """With termios."""
    opened = _opened()
    assert opened is not None
    assert isinstance(opened[1], TerminalKeys)


def test_no_terminal(pty: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dumb one, or a pipe, is none."""
    monkeypatch.setenv("TERM", "dumb")
    assert _opened() is None
    monkeypatch.setenv("TERM", "xterm")
    with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123 - likewise
        monkeypatch.setattr(pty.streams, "stdin", nothing)
        assert _opened() is None


@pytest.mark.parametrize("modern", [True, False])
def test_a_console(pty: Pty, monkeypatch: pytest.MonkeyPatch, *, modern: bool) -> None:
    """Windows' console serves where it takes control sequences; it has no attributes to keep."""
    import ctypes  # noqa: PLC0415 - for Windows only

    kernel = SimpleNamespace(
        GetStdHandle=lambda _number: 7,
        GetConsoleMode=lambda _handle, _mode: modern,
        SetConsoleMode=lambda _handle, mode: mode == 4,
    )
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setitem(sys.modules, "termios", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace())
    opened = _opened()
    if not modern:
        assert opened is None
        return
    assert opened is not None
    assert isinstance(opened[1], ConsoleKeys)
    with opened[0] as terminal:
        terminal.draw(["one"])
    assert "one" in pty.read_until(b"1049l")


def test_neither(pty: Pty, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system with neither module has lines."""
    monkeypatch.setitem(sys.modules, "termios", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    assert _opened() is None


# -- a program that breaks down --------------------------------------------------------------------

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from grader.practice.terminal import open_terminal
terminal, keys = open_terminal(print, print)
terminal.__enter__()
terminal.draw(["here"])
raise RuntimeError("a bug of ours")
"""


def test_a_crash() -> None:
    """A program that forgets everything at its end has given the terminal back all the same."""
    pty = Pty()
    before = pty.attributes()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT)],
        stdin=pty.theirs,
        stdout=pty.theirs,
        stderr=subprocess.PIPE,
        env=os.environ | {"TERM": "xterm"},
        check=False,
    )
    assert b"a bug of ours" in done.stderr
    assert "here" in (seen := pty.read())
    assert seen.endswith("\x1b[?25h\x1b[?1049l")
    assert pty.attributes() == before
    os.close(pty.ours)
    os.close(pty.theirs)
