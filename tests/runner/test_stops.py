"""What becomes of a request that is not answered in full: its kind, its words and its line."""

from __future__ import annotations

import os

import pytest

from grader.runner.stops import end_stop
from grader.runner.watch import Health
from tests.lab.support import body, line, script
from tests.runner.conftest import Hand, stopped

SCENARIO = script()

# -- when it cannot be loaded -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "why", "words"),
    [
        ("x = 1\ndef f(:  # here", "import", "SyntaxError"),
        ("import numpy_or_so  # here", "import", "ModuleNotFoundError: No module named"),
        ("raise ValueError  # here", "import", "imported: ValueError (line"),
        ("n = int(input())  # here", "import", "EOFError"),
        ("import sys\nsys.exit(0)  # here", "exit", "while it is imported"),
        ("import os\nos._exit(0)  # here", "exit", "os._exit(0)"),
        ("import posix\nposix._exit(3)", "exit", "exit code 3"),
        ("while True: print('x' * 99_999)  # here", "output", "prints far more"),
        ("while True:\n    import asyncio; asyncio.Queue", "import", "finishes loading"),
        (
            "def f():\n    while True: pass  # here\nf()",
            "import",
            "loading: it goes on for ever at",
        ),
        ("held = []\nwhile True: held.append(bytearray(1 << 32))  # here", "memory", "384 MB"),
        ("import time\nwhile True: time.sleep(9)  # here", "import", "Never finishes loading"),
        (
            "import select\nselect.select([], [], [])  # here",
            "timeout",
            "Waits in real time for something at line",
        ),
    ],
)
async def test_an_import_that_fails_says_why(
    code: str, why: str, words: str, hand_in: Hand, impatient: None
) -> None:
    """Whatever goes wrong at import has its kind, its words and its line; it is said each time."""
    if "posix" in code and os.name != "posix":
        pytest.skip("there is no posix module")
    learner = hand_in(code)
    stop = stopped(await learner.load())
    assert (stop.why, words in stop.message) == (why, True), stop
    if "# here" in code:
        assert stop.line == line(code)
    assert stopped(await learner.run(SCENARIO)).why == why


# -- when it ends otherwise -------------------------------------------------------------------------

_ENDINGS = {
    "os._exit": ("import os\nos._exit(1)  # here", "exit", "os._exit(1)"),
    "real exit": ("import posix\nposix._exit(5)", "exit", "exit code 5"),
    "spin": ("while True: pass  # here", "busy_loop", "never gives the event loop a turn"),
    "stubborn spin": (
        "while True:  # here\n    try:\n        while True: pass\n    except BaseException: pass",
        "busy_loop",
        "spins at line",
    ),
    "regular expression": (
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')  # here",
        "busy_loop",
        "spins at line",
    ),
    "no signals": (
        "import signal as s\ns.pthread_sigmask(s.SIG_BLOCK, {s.SIGPROF})\nwhile True: pass",
        "busy_loop",
        "spins without",
    ),
    "no timer": (
        "import signal\nsignal.setitimer(signal.ITIMER_PROF, 0)\nwhile True: pass  # here",
        "busy_loop",
        "spins at line",
    ),
    "real wait": (
        "import select\nselect.select([], [], [])  # here",
        "timeout",
        "waits in real time for something at line",
    ),
    "stopped": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "timeout", "waits"),
    "crash": ("import os\nos.kill(os.getpid(), 11)  # here", "error", "crashed at line"),
    "killed": ("import os\nos.kill(os.getpid(), 9)", "memory", "was killed"),
    "output": ("while True: print('x' * 99_999)  # here", "output", "prints far more"),
    "time.sleep": ("import time\nwhile True: time.sleep(50)  # here", "busy_loop", "time.sleep()"),
    "closed line": ("import os\nos.closerange(3, 60)", "error", "closes or breaks"),
}


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("kind", _ENDINGS)
async def test_a_process_that_is_lost_says_why(kind: str, hand_in: Hand, impatient: None) -> None:
    """Whatever ends a process has its kind, its words and, where it can be known, its line."""
    lines, why, words = _ENDINGS[kind]
    code = body(lines)
    learner = hand_in(code)
    stop = stopped(await learner.run(SCENARIO))
    assert (stop.why, words in stop.message.lower()) == (why, True), stop
    assert stop.line == (line(code) if "# here" in code else None)
    assert learner.ends == 1


async def test_a_record_without_end_is_cut_off(hand_in: Hand) -> None:
    """Doing far more than any exercise needs is no spin: the record itself has an end."""
    code = body("while True: asyncio.Queue()  # here")
    stop = stopped(await hand_in(code).run(SCENARIO))
    assert (stop.why, stop.line) == ("output", line(code))
    assert "does far more" in stop.message


# -- when it plays tricks ---------------------------------------------------------------------------


async def test_replaced_parts_are_named(hand_in: Hand) -> None:
    """When the lab breaks over it, what the file replaced is part of the message."""
    code = body("return 'x'") + "import heapq\nheapq.heappop = print\n"
    stop = stopped(await hand_in(code).run(SCENARIO))
    assert stop.why == "error"
    assert "heapq.heappop" in stop.message


_FORGED = {
    "garbage": b"garbage\n",
    "no object": b"[1, 2]\n",
    "too deep": b"[" * 100_000 + b"\n",
    "import": b'{"loaded": false, "how": "import", "error": 5}\n',
    "import lines": b'{"loaded": false, "error": {"lines": {"a": 1}, "type": 5}}\n',
    "memory": b'{"loaded": false, "how": "memory", "error": {"lines": ["x"]}}\n',
    "cut": b'{"cut": true, "end": [1]}\n',
    "cut line": b'{"cut": true, "end": {"how": "exit", "line": "x"}}\n',
    "changed": b'{"broke": "", "changed": [1, {}]}\n',
    "loaded twice": b'{"loaded": true}\n{"loaded": true}\n',
    "flood": b"x\n" * 50_000,
    "no end": b"x" * 1_000,
}


@pytest.mark.parametrize("kind", _FORGED)
async def test_forged_answers_are_seen_through(kind: str, hand_in: Hand, impatient: None) -> None:
    """A file that writes on the grader's own line gets an honest word, never a pass."""
    code = f"""
import os
for fd in range(3, 10):
    try:
        os.write(fd, {_FORGED[kind]!r})
    except OSError:
        pass
""" + body("pass")
    stop = stopped(await hand_in(code).run(SCENARIO))
    assert stop.why in ("error", "import", "memory", "output", "exit")


def test_a_crash_while_the_stack_was_written() -> None:
    """Python 3.13's `faulthandler` may crash on the way: the time was over all the same."""
    text = "Stack (most recent call first):\n  File ???, line 0 in Fatal Python error: Segmentation"
    stop = end_stop("work.py", "", Health.FINE, -11, text, alive=False)
    assert stop.why == "busy_loop"
    assert stop.holds
