"""The command line: the only room that prints, and the only one that catches `grader.errors`."""

from grader.cli.program import main

__all__ = ["main"]
