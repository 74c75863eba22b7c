"""Hostile submissions that are made in code: too large or too deep for a file, or odd by their name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from grader.course.catalog import exercises, find_root
from tests.hostile.turned import TURNED, Turned

__all__ = ["Made", "made"]

_EX1, _EX2, _EX3 = "ex1_add_maxsize", "ex2_build_retry_loop", "ex3_add_backoff"
_EX4, _EX5 = "ex4_add_jitter", "ex5_fix_task_done"


@dataclass(frozen=True)
class Made:
    """One submission, with the fields of a header; `folder` is its folder's name, if not `slug`."""

    slug: str
    kind: str
    exercise: str
    verdict: str
    contract: str
    source: Callable[[], str]
    folder: str = ""


@cache
def _solution(exercise: str) -> str:
    """An exercise's reference; nothing for one that the course does not have."""
    file = find_root() / "solutions" / f"{exercise}.py"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def made(port: int = 9) -> tuple[Made, ...]:
    """All of them, for the exercises that there are; `port` is where somebody listens on this machine."""
    there = {entry.id for entry in exercises()}
    return tuple(one for one in _made(port) if one.exercise in there)


def _made(port: int) -> tuple[Made, ...]:
    return (
        Made(
            *("connects_to_a_listener", "escape", _EX1, "reject"),
            "connects to a port of this machine on which somebody listens",
            lambda: _CONNECTS.format(port=port) + _solution(_EX1),
        ),
        Made(*("an_empty_file", "accident", _EX1, "reject"), "nothing at all", str),
        *_large(),
        *_deep(),
        *_told(),
        *_named(),
        *map(_of, TURNED),
    )


def _of(one: Turned) -> Made:
    return Made(
        *(one.slug, one.kind, one.exercise, one.verdict, one.contract),
        lambda: one.of(_solution(one.exercise)),
    )


# -- large ----------------------------------------------------------------------------------------


def _large() -> tuple[Made, ...]:
    return (
        _tree(
            "five_megabytes_of_comments",
            _EX1,
            "# 45678\n" * 655_360,
            "right, beside 5 MB of comments",
        ),
        _tree(
            "hundred_thousand_lines", _EX1, "x = 1\n" * 100_000, "right, with 100,000 lines more"
        ),
        _tree(
            "one_line_of_200_kilobytes",
            _EX2,
            "if 0: " + "x;" * 100_000,
            "right, with a line of 200 kB",
        ),
        _tree(
            *(
                "six_thousand_functions",
                _EX4,
                "".join(f"def f{n}(): return {n}\n" for n in range(6_000)),
            ),
            "right, with 6,000 functions that nobody calls",
        ),
        _tree(
            *("docstring_of_200_kilobytes", _EX5, "'''" + "TODO \\N{BULLET}" * 13_000 + "'''"),
            "right, with a text of 200 kB in which every word is a task",
        ),
        _tree(
            "string_of_50000_pieces", _EX3, "'a' " * 50_000, "right, with a text of 50,000 pieces"
        ),
        _tree(
            "list_of_60000_numbers",
            _EX1,
            f"_ = [{'1,' * 60_000}]",
            "right, with a list of 60,000 numbers",
        ),
    )


def _tree(slug: str, exercise: str, more: str, contract: str, verdict: str = "either") -> Made:
    """A solution with something below it."""
    source = _solution(exercise)
    return Made(slug, "tree", exercise, verdict, contract, lambda: f"{source}\n{more}\n")


# -- deep: the deepest that Python compiles, 3.11 to 3.13, is 2,929 --------------------------------

_DEEP, _NESTED = 2_000, 90  # links of a chain; parentheses, of which the parser takes 200


def _deep() -> tuple[Made, ...]:
    chains = {
        "attributes": (_EX3, "asyncio" + ".a" * _DEEP),
        "subscripts": (_EX4, "asyncio" + "[0]" * _DEEP),
        "calls": (_EX5, "asyncio" + "()" * _DEEP),
        "nested_calls": (_EX2, "print(" * _NESTED + ")" * _NESTED),
        "nested_lists": (_EX1, "[" * _NESTED + "]" * _NESTED),
        "operators": (_EX1, "1" + "+1" * _DEEP),
        "powers": (_EX2, "1" + "**1" * _DEEP),
        "negations": (_EX3, "not " * _DEEP + "1"),
        "lambdas": (_EX4, "lambda: " * (_DEEP // 4) + "1"),
        "conditions": (_EX5, "1 if 1 else " * _DEEP + "1"),
        "formatted_strings": (_EX2, "f'" + "{asyncio}" * 10_000 + "'"),
        "elifs": (_EX3, "pass\n" + "elif 0: pass\n" * _DEEP),
    }
    made = [
        _tree(
            f"chain_of_{name}",
            exercise,
            f"if 0:\n    {text}",
            f"right, with {name} in a row under `if 0`",
            "accept",
        )
        for name, (exercise, text) in chains.items()
    ]
    inside = _solution(_EX3).replace(
        "        item = await q.get()\n",
        f"        item = await q.get()\n        if 0: q{'.task_done().get()' * (_DEEP // 4)}\n",
        1,
    )
    about = "right, with a chain of calls of the queue's inside of the consumer"
    return (*made, Made("chain_inside_the_consumer", "tree", _EX3, "accept", about, lambda: inside))


# -- what is told ----------------------------------------------------------------------------------


def _told() -> tuple[Made, ...]:
    frames = """import posix
posix.write(4, (b"Timeout (" + b'File "%s", line 1\\n' % __file__.encode() * 1800)[:65000])
posix._exit(0)
"""
    spins = """class TransientError(Exception): pass
async def consumer(name, q, process_item, stats, **_):
"""
    return (
        Made(
            *("stack_of_1800_frames", "stack", _EX3, "reject"),
            "last words with 1,800 frames, whose every line is one of 63 kB",
            lambda: frames.replace("\n", ";") + "x;" * 31_700,
        ),
        Made(
            *("stack_at_a_line_of_200_kilobytes", "stack", _EX4, "reject"),
            "spins in a line of 200 kB",
            lambda: f"{spins}    while True: {'x = 1;' * 33_000}\n",
        ),
        Made(
            *("parameter_of_a_long_name", "message", _EX2, "reject"),
            "asks for a parameter whose name has 200 kB",
            lambda: spins.replace("**_", f"*, {'p' * 200_000}") + "    pass\n",
        ),
        Made(
            *("syntax_error_in_a_long_line", "message", _EX5, "reject"),
            "a syntax error at the end of a line of 200 kB",
            lambda: "x = [" + "1, " * 66_000 + "1 1]\n",
        ),
    )


# -- names -----------------------------------------------------------------------------------------


def _named() -> tuple[Made, ...]:
    names = {
        "folder_is_a_link": '=HYPERLINK("http:,,127.0.0.1:9","100")',
        "folder_is_a_sum": "+1+1",
        "folder_is_a_difference": "-2+3",
        "folder_is_a_function": "@SUM(1)",
        "folder_is_markup": "<img src=x onerror=alert(1)>[bold]x[!b](y)",
        "folder_turns_the_writing": "learner\u202eyp.\u2066\u200b",
        "folder_of_lines": "line one\r\nline two\tand more\x1b[2J",
        "folder_of_200_letters": "n" * 200,
        "folder_is_an_option": "--out",
    }
    return tuple(
        Made(slug, "name", _EX1, "accept", _ABOUT, lambda: _solution(_EX1), name)
        for slug, name in names.items()
    )


_ABOUT = "right, in a folder whose name is more than a name to a spreadsheet, page, screen or shell"

_CONNECTS = """
import asyncio, socket, urllib.request
PORT = {port}

def escaped():
    async def open_connection():
        await asyncio.open_connection("127.0.0.1", PORT)
    tries = (
        lambda: socket.create_connection(("127.0.0.1", PORT)),
        lambda: asyncio.run(open_connection()),
        lambda: urllib.request.urlopen(f"http://127.0.0.1:{{PORT}}/"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)),
        lambda: socket.create_server(("127.0.0.1", 0)),
    )
    for attempt in tries:
        try:
            attempt()
            return True
        except OSError:
            pass
    return False

if not escaped():
    raise RuntimeError("held back")
"""
