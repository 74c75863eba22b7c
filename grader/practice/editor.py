"""How the learner's editor is called for a file and a line, and whether it needs the terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NO_EDITOR", "Call", "call_for"]

NO_EDITOR = "Which editor? Set the variable EDITOR, for example: export EDITOR=nano"

# How editors are told the line, as their manuals have it; any other opens the file only.
_PLUS = {
    *("vi", "vim", "nvim", "gvim", "view", "nano", "pico", "emacs", "emacsclient", "micro"),
    *("joe", "jed", "ne", "mg", "kak", "gedit", "leafpad"),
}
_GOTO = {"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"}  # --goto FILE:LINE
_COLON = {"subl", "sublime_text", "zed", "hx", "helix", "lapce"}  # FILE:LINE
_OPTION = {"kate": "--line", "pycharm": "--line", "charm": "--line", "idea": "--line"}

_WINDOWS = {
    *_GOTO,
    *_OPTION,
    *("gvim", "gedit", "leafpad", "subl", "sublime_text", "zed", "lapce", "notepad"),
}
"""Editors with a window of their own: the terminal stays ours."""


@dataclass(frozen=True)
class Call:
    """A command that opens a file. own_window: it does not need the terminal."""

    words: tuple[str, ...]
    own_window: bool

    def start(self) -> subprocess.Popen[bytes]:
        """Start it; raises `OSError` when there is no such program."""
        if not self.own_window:
            return subprocess.Popen(self.words)
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self.words, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )


def call_for(
    file: Path,
    line: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Call | None:
    """The command that opens `file`, at `line` where the editor is known; None without an editor."""
    wish = environment.get("VISUAL") or environment.get("EDITOR") or ""
    words = _split(wish)
    if not words:
        return None
    name = Path(words[0]).name.lower().removesuffix(".exe").removesuffix(".cmd")
    return Call((*words, *_at(name, str(file), line)), name in _WINDOWS)


def _split(wish: str) -> list[str]:
    """The words of a command as people write it; on Windows a backslash is no escape."""
    try:
        words = shlex.split(wish, posix=sys.platform != "win32")
    except ValueError:  # a quote that does not end
        words = wish.split()
    return [word.strip('"') for word in words]


def _at(name: str, file: str, line: int | None) -> tuple[str, ...]:
    if line is None:
        return (file,)
    if name in _PLUS:
        return f"+{line}", file
    if name in _GOTO:
        return "--goto", f"{file}:{line}"
    if name in _COLON:
        return (f"{file}:{line}",)
    if name in _OPTION:
        return _OPTION[name], str(line), file
    return (file,)
