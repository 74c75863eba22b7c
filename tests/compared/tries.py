"""What a submission may do to its grader, tried: each is graded beside a right one."""

from __future__ import annotations

import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.compared.tools import EXERCISE, SUITES, UNREADABLE, Class, Tool

__all__ = ["TRIES", "Try", "tried"]

TRYING, NEIGHBOUR = "a_trying", "b_neighbour"  # most tools take them in the order of their names
MARK = "the work of somebody else"
LIMIT = 60  # seconds, more than the tools' own limits add up to

RIGHT = EXERCISE.solution.read_text(encoding="utf-8")
STUB = EXERCISE.stub.read_text(encoding="utf-8")

MODULES = SUITES / "tries"
HELD_OFF = '\nif not globals().get("got", True): raise RuntimeError("held off")\n'


@dataclass(frozen=True)
class Try:
    """A question about a tool, and what tries it.

    may: what a submission may do to it.
    module: the code that tries it, in `suites/tries`. It says what it `got`, if it is after something.
    begin: the submission that the code is added to. It passes only with what the code got.
    harm: it is after nothing, but against the one beside it.
    """

    may: str
    module: str
    begin: str = RIGHT
    harm: bool = False

    @property
    def code(self) -> str:
        """The submission, but for what it has to know."""
        return self.begin + (MODULES / f"{self.module}.py").read_text(encoding="utf-8") + HELD_OFF


TRIES = (
    Try("read the checks", "reads_the_checks"),
    Try("read another's work", "reads_anothers_work"),
    Try("write a file outside", "writes_a_file"),
    Try("use the network", "uses_the_network"),
    Try("take 8 GiB", "takes_8_gib"),
    Try("write its verdict", "writes_its_verdict", begin=STUB),
    Try("break asyncio for others", "breaks_asyncio", harm=True),
    Try("end it with `os._exit(0)`", "exits", harm=True),
    Try("go on for ever", "goes_on", harm=True),
)


def tried(one: Try, tool: Tool, python: Path, jobs: int) -> str:
    """Let a submission try it, beside a right one: yes, or no."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
        folder = Path(name, "room")
        folder.mkdir()
        facts = {
            "FOLDER": str(folder),
            "CHECKS": str(tool.checks),
            "OUTSIDE": str(Path(name, "outside")),
            "PORT": server.getsockname()[1],
        }
        known = "".join(f"{key} = {value!r}\n" for key, value in facts.items())
        mark = f"MARK = {MARK[:9]!r} + {MARK[9:]!r}\n"  # or it would find itself
        submissions = {TRYING: known + mark + one.code, NEIGHBOUR: f"{RIGHT}# {MARK}\n"}
        start = perf_counter()
        try:
            passed = tool.grade(Class(folder, submissions, python, jobs, LIMIT))
        except UNREADABLE:
            passed = {}  # it has said nothing of anybody
        seconds = perf_counter() - start
    unharmed = passed.get(NEIGHBOUR, False)
    if one.harm:
        held = unharmed and not passed.get(TRYING, False) and seconds < LIMIT
        return "no" if held else "yes"
    if not unharmed:
        return "?"  # the right one shows that the tool worked at all
    return "yes" if passed.get(TRYING, False) else "no"
