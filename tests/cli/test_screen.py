"""What the screen makes of the stream it is shown on."""

from __future__ import annotations

import io
import os
import sys

import pytest
from rich.console import Console
from rich.text import Text

from grader.cli.live import listening
from grader.cli.screen import UNKNOWN, WIDEST, open_console, show
from grader.results import Outcome
from tests.cli.conftest import Judge, Run


class Stream(io.TextIOWrapper):
    """Standard output, as a file or as a terminal."""

    def __init__(self, encoding: str = "utf-8", *, terminal: bool = False) -> None:
        self.raw_bytes = io.BytesIO()
        super().__init__(self.raw_bytes, encoding=encoding, newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        self.flush()
        return self.raw_bytes.getvalue().decode(self.encoding)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wish of whoever runs the tests reaches them."""
    for variable in ("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(variable, raising=False)


def _stdout(monkeypatch: pytest.MonkeyPatch, stream: Stream) -> Stream:
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


@pytest.mark.parametrize(
    ("columns", "width"),
    [(None, UNKNOWN), ("60", 60), ("400", WIDEST), ("0", UNKNOWN), ("wide", UNKNOWN)],
)
def test_width_of_a_file(monkeypatch: pytest.MonkeyPatch, columns: str | None, width: int) -> None:
    """A file is 80 columns wide unless somebody says otherwise, and never too wide to read."""
    _stdout(monkeypatch, Stream())
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert open_console().width == width


def test_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal's width is its own."""
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("LINES", "20")
    _stdout(monkeypatch, Stream(terminal=True))
    assert open_console().width == 70


def test_width_of_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be dumb, and know its width all the same."""
    monkeypatch.setenv("TERM", "dumb")
    stream = _stdout(monkeypatch, Stream(terminal=True))
    monkeypatch.setattr(stream, "fileno", lambda: 1, raising=False)
    monkeypatch.setattr("os.get_terminal_size", lambda _fd: os.terminal_size((60, 20)))
    assert open_console().width == 60


def test_no_control_sequences_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Styles are for terminals."""
    stream = _stdout(monkeypatch, Stream())
    show(Text("well", "passed"))
    assert stream.text == "well\n"


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_COLOR` is heard on a terminal, too."""
    monkeypatch.setenv("TERM", "xterm")
    coloured, plain = Stream(terminal=True), Stream(terminal=True)
    _stdout(monkeypatch, coloured)
    show(Text("well", "passed"))
    monkeypatch.setenv("NO_COLOR", "1")
    _stdout(monkeypatch, plain)
    show(Text("well", "passed"))
    assert "\x1b[32m" in coloured.text
    assert "\x1b[3" not in plain.text


def test_twins_on_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dumb terminal gets ASCII whatever its encoding; quotes and dashes have twins."""
    monkeypatch.setenv("TERM", "dumb")
    stream = _stdout(monkeypatch, Stream(terminal=True))
    show(Text("\N{LEFT DOUBLE QUOTATION MARK}a” \N{EN DASH} b → é…"))
    assert stream.text == '"a" - b > ?.\n'


def test_what_cannot_be_shown_is_as_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are laid out before it is known that a sign cannot be shown: an accent takes no column."""
    stream = _stdout(monkeypatch, Stream("ascii"))
    show(Text("a\N{COMBINING ACUTE ACCENT}b \N{CJK UNIFIED IDEOGRAPH-674E}."))
    assert stream.text == "ab ??.\n"


def test_legacy_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an encoding can show is shown; what it cannot does not end the run."""
    stream = _stdout(monkeypatch, Stream("latin-1"))
    show(Text("é ✔ “x”"))
    assert stream.text == 'é ? "x"\n'


def test_a_stream_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that cannot be configured is taken as it is."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    show(Text("well"))
    assert stream.getvalue() == "well\n"


def test_broken_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich leaves it to the program to end, which knows the exit code."""
    _stdout(monkeypatch, Stream())
    console = open_console()
    assert isinstance(console, Console)
    with pytest.raises(BrokenPipeError):
        console.on_broken_pipe()


@pytest.mark.parametrize(
    ("wanted", "terminal", "term"),
    [(False, True, "xterm"), (True, False, "xterm"), (True, True, "dumb")],
)
def test_nothing_live(
    monkeypatch: pytest.MonkeyPatch, *, wanted: bool, terminal: bool, term: str
) -> None:
    """Nothing moves in a pipe, on a dumb terminal, or where only data is wanted."""
    monkeypatch.setenv("TERM", term)
    stream = _stdout(monkeypatch, Stream(terminal=terminal))
    with listening(wanted=wanted) as listener:
        assert listener is None
    assert stream.text == ""


def test_live_on_a_terminal(run: Run, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the checks are shown while they run, and cleared away at the end."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    fake.outcomes = {2: Outcome.FAILED}
    stream = _stdout(monkeypatch, Stream(terminal=True))
    run()
    live, _, rest = stream.text.partition("Exercise")
    assert "1 of 1 check" in live
    assert "\x1b[2K" in live
    assert "1 of 1 check" not in rest.partition("State")[0]
