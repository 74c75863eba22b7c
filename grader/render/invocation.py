"""The command line to type next, in the way the grader was called."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Invocation"]


@dataclass(frozen=True)
class Invocation:
    """How the grader was called, so that the next command can be copied.

    program: goes before a command's words; options: repeated after them. weather: the
    option `--weather`, repeated only for commands that take it.
    """

    program: str = "nox -s grade --"
    options: str = ""
    weather: str = ""

    def command(self, words: str) -> str:
        """Return a whole command line: `nox -s grade -- hint ex2`."""
        takes = words.startswith("timeline ") or (" " not in words and words not in ("", "list"))
        weather = self.weather if takes else ""
        parts = [part for part in (words, self.options, weather) if part]
        return " ".join([self.program, *parts]) if parts else self.program.removesuffix(" --")
