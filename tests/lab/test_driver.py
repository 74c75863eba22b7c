"""Loading a module, and running any number of scenarios on it."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import pytest

from grader.course.kit.lesson import Job, Pipeline
from grader.course.kit.world import Scenario
from grader.lab import Lab
from tests.lab.support import CONSUMER, body, consume, line, load, pipeline, run, script

# -- loading ----------------------------------------------------------------------------------------


def test_a_module_loads_under_its_name() -> None:
    """Name, file and `__main__` guard are as for an import; dataclasses find their module."""
    code = """
from __future__ import annotations
from dataclasses import dataclass
import sys

@dataclass
class Point:
    x: int
    y: list[int] | None = None

names = [__name__, __file__, sys.modules[__name__].Point is Point]
if __name__ == "__main__":
    raise SystemExit("the demo")
"""
    trace = run(code + body("return names"))
    assert trace.result == ["work", "exercises/work.py", True]


def test_a_syntax_error_has_its_line() -> None:
    """A module that does not compile is told by line, column and words."""
    code = "x = 1\ndef f(:  # here\n"
    answer = load(code)
    error = answer["error"]
    assert (answer["loaded"], answer["how"], error["type"]) == (False, "import", "SyntaxError")
    assert error["lines"] == [line(code)]
    assert error["carets"] == [[2, 6, 7]]
    assert error["text"]


def test_a_syntax_error_of_another_file_is_told_by_the_line_that_met_it() -> None:
    """When the module compiles other text in vain, its own line is the one that counts."""
    code = "x = 1\ncompile('1 +', 'other.py', 'exec')  # here\n"
    assert load(code)["error"]["lines"] == [line(code)]


@pytest.mark.parametrize(
    ("code", "how", "kind"),
    [
        ("import no_such_module", "import", "ModuleNotFoundError"),
        ("1 / 0", "import", "ZeroDivisionError"),
        ("raise KeyboardInterrupt", "import", "KeyboardInterrupt"),
        ("import sys\nsys.exit(0)", "exit", "SystemExit"),
        ("quit()", "exit", "SystemExit"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("x = '\\0'\n\0", "import", None),
    ],
)
def test_a_module_that_cannot_be_loaded_says_why(code: str, how: str, kind: str | None) -> None:
    """Whatever an import ends with is told as plain data, with the lines it passed through."""
    answer = load(code)
    assert (answer["loaded"], answer["how"]) == (False, how)
    if kind is not None:
        assert answer["error"]["type"] == kind
        assert answer["error"]["lines"] == [len(code.splitlines())]


def test_a_lab_that_has_nothing_loaded_finds_nothing() -> None:
    """A scenario without a module ends as one whose function is missing."""
    with Lab() as lab:
        assert lab.run(script(Pipeline(())))["end"] == {"how": "missing", "detail": "run_pipeline"}


# -- one module, many scenarios ---------------------------------------------------------------------


def test_a_module_is_run_any_number_of_times() -> None:
    """Scenarios of one module do not disturb each other, whatever their ends."""
    code = CONSUMER + body(
        """
        for item in items:
            if item == 1001:
                await asyncio.Event().wait()
            if item == 1002:
                raise ValueError
            await work(item)
        """
    )
    scenarios: list[Scenario] = [
        pipeline(1000),
        pipeline(1001),
        pipeline(1002),
        consume(Job(1000)),
    ]
    with Lab() as lab:
        assert lab.load(code, "w.py", "w")["loaded"]
        rounds = [[lab.run(script(one)) for one in scenarios] for _ in range(3)]
    assert rounds[0] == rounds[1] == rounds[2]
    assert [one["end"]["how"] for one in rounds[0]] == ["returned", "deadlock", "raised", "quiet"]


def test_between_scenarios_nothing_is_recorded() -> None:
    """What happens in the process while no scenario runs is no part of any trace."""
    with Lab() as lab:
        lab.load(body("pass"), "w.py", "w")
        first = lab.run(script())
        time.sleep(5)
        random.seed(1)
        asyncio.Queue[int]().put_nowait(1)
        second = lab.run(script())
    assert first == second


def test_signals_keep_their_handlers_where_that_is_asked() -> None:
    """A submission sets none then, by either module's function; afterwards all is as it was."""
    before = signal.getsignal(signal.SIGTERM)
    code = "import signal, sys\n" + body(
        """
        for module in (signal, sys.modules["_signal"]):
            module.signal(signal.SIGTERM, lambda number, frame: None)
        """
    )
    with Lab() as lab:
        lab.harden()
        assert lab.load(code, "work.py", "work") == {"loaded": True}
        assert lab.run(script())["end"] == {"how": "returned"}
        assert signal.getsignal(signal.SIGTERM) is before
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    signal.signal(signal.SIGTERM, before)
