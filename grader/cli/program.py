"""Runs one command from its words, and turns errors into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from grader.cli.commands import COMMANDS, DEFAULT, VARIANTS, Command, Result, overview
from grader.cli.exits import INTERRUPTED
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import GraderError, NoCourseFolder, UnknownExercise
from grader.render.foreign import harmless
from grader.runner.early import farewell

__all__ = ["main"]

NO_MATTER = frozenset({"init", "update", "doctor", "class", "class merge", "dev"})
"""Commands to which the version of a course folder is all the same, or which say more about it."""

PIPE_CLOSED = 128 + 13  # a shell's exit code for SIGPIPE


def main(words: Sequence[str]) -> int:
    """Run the command that the words ask for; return the exit code.

    0: everything graded passed; 10: something does not pass yet; 2: the command was not usable;
    3: the grader itself could not grade.
    """
    try:
        return _run(list(words))
    except NoCourseFolder as error:
        init = invocation().command("init")
        _complain(f"{error} Go to yours, or make one: {init}")
        return error.exit_code
    except GraderError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output is gone; Python must not notice again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    finally:
        farewell()


def _run(words: list[str]) -> int:
    if words and words[0] in ("-h", "--help", "help"):
        print(overview(invocation().program), flush=True)
        return 0
    name, rest = _split(words)
    try:
        result = _result(name, rest)
    except UnknownExercise as error:
        raise _misspelt(words, error) from None
    _show(result.view())
    sys.stdout.flush()  # a closed pipe is noticed here
    for notice in (*result.notices, *_behind(name)):
        _complain(notice)
    return result.exit_code


def _split(words: list[str]) -> tuple[str, list[str]]:
    """Return the command and its arguments; without a known command, all words are for `grade`."""
    both = " ".join(words[:2])
    if both in VARIANTS:
        return both, words[2:]
    if words and words[0] in COMMANDS:
        return words[0], words[1:]
    return DEFAULT, words


def _result(name: str, words: list[str]) -> Result:
    """Import the command's module only, parse its arguments and run it."""
    summary = (COMMANDS | VARIANTS)[name]
    command: Any = import_module(f"grader.cli.{summary.module or name}")
    checked: Command = command
    parser = Parser(prog=invocation().command(name), description=summary.help)
    checked.declare(parser)
    return checked.run(parser.parse_intermixed_args(words))


def _misspelt(words: list[str], error: UnknownExercise) -> UnknownExercise:
    """Return the error, or a better one if the unknown word looks like a command."""
    near = get_close_matches(words[0], COMMANDS, 1, 0.7)
    if not near or words[0] in COMMANDS:
        return error
    return UnknownExercise(
        f"There is no command or exercise '{words[0]}'. Did you mean the command {near[0]}?"
    )


def _behind(name: str) -> tuple[str, ...]:
    """Return a notice if a command was given in a course folder of another version."""
    if name in NO_MATTER or not catalog.is_installed():
        return ()
    from grader.cli.update import behind  # noqa: PLC0415 - a clone is never behind itself

    return (notice,) if (notice := behind()) else ()


def _show(view: Any) -> None:
    if isinstance(view, str):
        print(view)
        return
    from grader.cli.screen import show  # noqa: PLC0415 - Rich takes 70 ms; plain text needs none

    show(view)


def _complain(text: str) -> None:
    """Print one line on standard error."""
    print(harmless(" ".join(text.split())), file=sys.stderr)
