"""Builds the command that opens the learner's editor at a file and a line."""

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

# How each editor takes a line number, from its manual; any other editor opens just the file.
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
"""Editors that open a window of their own, so they do not need the terminal."""


@dataclass(frozen=True)
class Call:
    """A command that opens a file. own_window: the editor does not need the terminal."""

    words: tuple[str, ...]
    own_window: bool

    def start(self) -> subprocess.Popen[bytes]:
        """Start the editor. Raises `OSError` if there is no such program."""
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
    """Return the command that opens `file`, at `line` if the editor is known.

    None if neither $VISUAL nor $EDITOR is set.
    """
    setting = environment.get("VISUAL") or environment.get("EDITOR") or ""
    words = _split(setting)
    if not words:
        return None
    name = Path(words[0]).name.lower().removesuffix(".exe").removesuffix(".cmd")
    return Call((*words, *_at(name, str(file), line)), name in _WINDOWS)


def _split(setting: str) -> list[str]:
    """Split a command line as a shell does; on Windows a backslash is not an escape."""
    try:
        words = shlex.split(setting, posix=sys.platform != "win32")
    except ValueError:  # an unclosed quote
        words = setting.split()
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
