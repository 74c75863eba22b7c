"""The command line to type next, as it works for whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Invocation"]


@dataclass(frozen=True)
class Invocation:
    """How the grader was called, so that the next command is one to copy.

    program: what stands before a command's words; options: what has to be said again after them.
    """

    program: str = "nox -s grade --"
    options: str = ""

    def command(self, words: str) -> str:
        """A whole command line: `nox -s grade -- hint ex2`."""
        parts = [part for part in (words, self.options) if part]
        return " ".join([self.program, *parts]) if parts else self.program.removesuffix(" --")
