"""Editors, by what people have in `VISUAL` and `EDITOR`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.practice.editor import Call, call_for

FILE = Path("exercises/ex1.py")


@pytest.mark.parametrize(
    ("editor", "words", "own_window"),
    [
        ("vim", ["vim", "+7", "FILE"], False),
        ("/usr/bin/nano -w", ["/usr/bin/nano", "-w", "+7", "FILE"], False),
        ("emacs -nw", ["emacs", "-nw", "+7", "FILE"], False),
        ("code --wait", ["code", "--wait", "--goto", "FILE:7"], True),
        ("Code.exe", ["Code.exe", "--goto", "FILE:7"], True),
        ("subl", ["subl", "FILE:7"], True),
        ("hx", ["hx", "FILE:7"], False),
        ("pycharm", ["pycharm", "--line", "7", "FILE"], True),
        ("notepad", ["notepad", "FILE"], True),
        ("'/opt/my editor/edit' -q", ["/opt/my editor/edit", "-q", "FILE"], False),
        ("it's", ["it's", "FILE"], False),
    ],
)
def test_at_a_line(editor: str, words: list[str], own_window: object) -> None:
    """Known editors are told the line in their way; others open the file, in the terminal."""
    call = call_for(FILE, 7, {"EDITOR": editor})
    expected = tuple(word.replace("FILE", str(FILE)) for word in words)
    assert call == Call(expected, own_window is True)


def test_without_a_line() -> None:
    """Just the file."""
    call = call_for(FILE, None, {"EDITOR": "vim"})
    assert call is not None
    assert call.words == ("vim", str(FILE))


def test_which_one() -> None:
    """`VISUAL` goes first; an empty wish is none."""
    both = call_for(FILE, None, {"VISUAL": "gvim", "EDITOR": "ed"})
    assert both is not None
    assert both.words[0] == "gvim"
    assert call_for(FILE, None, {"VISUAL": "", "EDITOR": " "}) is None
    assert call_for(FILE, None, {}) is None


def test_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backslash is no escape there."""
    monkeypatch.setattr(sys, "platform", "win32")
    call = call_for(FILE, None, {"EDITOR": r'"C:\Program Files\vim.exe" -y'})
    assert call is not None
    assert call.words[:2] == (r"C:\Program Files\vim.exe", "-y")


@pytest.mark.parametrize("own_window", [True, False])
def test_start(capfd: pytest.CaptureFixture[str], *, own_window: bool) -> None:
    """Only one that needs the terminal writes to it; what does not exist is an error."""
    code = "print('hello')"
    process = Call((sys.executable, "-c", code), own_window=own_window).start()
    assert isinstance(process, subprocess.Popen)
    assert process.wait() == 0
    assert capfd.readouterr().out == ("" if own_window else "hello\n")
    with pytest.raises(OSError, match="no such editor"):
        Call(("no such editor",), own_window=own_window).start()
