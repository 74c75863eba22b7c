"""Lines to blame, and exceptions as plain data."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from grader.lab import stacks
from tests.lab.support import body, run


def _made(code: str) -> BaseException:
    names: dict[str, Any] = {}
    try:
        exec(compile(code, "mine.py", "exec"), names)  # noqa: S102  # what stands in for a module
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("it did not raise")


def test_an_error_is_told_by_name_bases_words_and_lines() -> None:
    """The record holds what a person needs, of the module's own lines only."""
    error = _made("class Bad(KeyError):\n    pass\ndef f():\n    raise Bad('x')\nf()\n")
    assert stacks.error_record(error, "mine.py") == {
        "type": "Bad",
        "bases": ["KeyError", "LookupError", "Exception"],
        "text": "'x'",
        "lines": [5, 4],
        "carets": [[5, 0, 3], [4, 4, 18]],
    }
    assert stacks.error_record(error, "other.py")["lines"] == []


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("raise ValueError", ""),
        ("return 5", ""),
        ("return Odd('words')", "words"),
        ("return 'x' * 10_000", "x" * 500),
    ],
)
def test_an_errors_words_are_plain_text(method: str, text: str) -> None:
    """Whatever an exception's `__str__` does, the record holds a str of bounded length."""
    error = _made(
        "class Odd(str):\n    def __getitem__(self, key): return object()\n"
        f"class Bad(Exception):\n    def __str__(self): {method}\nraise Bad"
    )
    record = stacks.error_record(error, "mine.py")
    assert record["text"] == text
    assert type(record["text"]) is str


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("wrong = 1\nwrnog", "name 'wrnog' is not defined. Did you mean: 'wrong'?"),
        ("''.uppper()", "'str' object has no attribute 'uppper'. Did you mean: 'upper'?"),
        ("nothing_like_it", "name 'nothing_like_it' is not defined"),
        ("raise KeyError('Did you mean: x?')", "'Did you mean: x?'"),
        (
            "class Odd:\n    def __dir__(self): raise OSError\nOdd().x",
            "'Odd' object has no attribute 'x'",
        ),
    ],
)
def test_pythons_own_suggestion_is_kept(code: str, text: str) -> None:
    """A misspelt name is told with what Python thinks was meant, and nothing is left behind by that."""
    errors = sys.stderr
    assert stacks.error_record(_made(code), "mine.py")["text"] == text
    assert sys.stderr is errors
    assert not hasattr(sys, "tracebacklimit")


def test_groups_are_told_to_a_certain_depth() -> None:
    """Groups within groups are told as deep as anybody reads, however deep they are."""
    error: Exception = ValueError("innermost")
    for _ in range(2_000):
        error = ExceptionGroup("outer", [error])
    record = stacks.error_record(error, "mine.py")
    depth = 0
    while "inner" in record:
        [record] = record["inner"]
        depth += 1
    assert depth == 4
    assert json.dumps(record)


def test_a_wide_group_is_told_in_part() -> None:
    """Of many errors in one group the first few are told."""
    error = ExceptionGroup("many", [ValueError(str(n)) for n in range(100)])
    assert [inner["text"] for inner in stacks.error_record(error, "mine.py")["inner"]] == [
        str(n) for n in range(8)
    ]


def test_a_deep_recursion_has_no_line_beyond_what_is_looked_at() -> None:
    """The search for a line ends after so many frames of others."""
    names: dict[str, Any] = {}
    names.update(look=lambda file: stacks.current_line(file, names), deep=_deep)
    exec(compile("near = look('mine.py')\n", "mine.py", "exec"), names)  # noqa: S102
    exec(compile("far = deep(200, look)\n", "mine.py", "exec"), names)  # noqa: S102
    assert (names["near"], names["far"]) == (1, None)
    assert stacks.current_line("no such file", globals()) is None


def _deep(levels: int, look: Callable[[str], int | None]) -> int | None:
    return _deep(levels - 1, look) if levels else look("mine.py")


def test_a_task_that_has_ended_waits_nowhere() -> None:
    """A task that is done has no line any more, only the name of what it did."""

    async def nothing() -> None: ...

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(nothing(), name="done")
        await task
        return task

    assert stacks.waiting_at(asyncio.run(main()), "mine.py") == (None, "")


def test_a_chain_of_waits_is_followed_to_a_certain_depth() -> None:
    """A recursion of coroutines that waits at its end is a deadlock like any other."""
    code = body(
        """
        async def down(levels):
            if levels:
                await down(levels - 1)
            await asyncio.Event().wait()
        await down(300)
        """
    )
    trace = run(code)
    assert trace.how == "deadlock"
    assert trace.waits[0].line == 5
