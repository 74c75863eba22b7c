"""Every way in which a module can go wrong gets its honest outcome, in a session and by the command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import find_root
from grader.results import Outcome, Why
from tests.course import eventually
from tests.grading import by_command, grade_each

HEAD = """import asyncio


class TransientError(Exception):
    pass


"""
SIGNATURE = "async def consumer(name, q, process_item, stats, *, attempts=4):\n"
RIGHT = (
    HEAD
    + SIGNATURE
    + """    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
"""
)

WHYS = {
    "busy_loop": HEAD + SIGNATURE + "    while True:\n        pass\n",
    "busy_loop-swallowing": HEAD
    + SIGNATURE
    + "    while True:\n        try:\n            while True:\n                pass\n"
    "        except BaseException:\n            pass\n",
    "busy_loop-re": HEAD + SIGNATURE + "    import re\n    re.match(r'(a+)+$', 'a' * 40 + 'b')\n",
    "livelock": HEAD + SIGNATURE + "    while True:\n        await asyncio.sleep(0)\n",
    "livelock-polling": HEAD + SIGNATURE + "    while True:\n        await asyncio.sleep(0.001)\n",
    "deadlock": HEAD + SIGNATURE + "    await asyncio.Event().wait()\n",
    "timeout": HEAD + SIGNATURE + "    import select\n    select.select([], [], [], 3600)\n",
    "error": HEAD + SIGNATURE + "    item = await q.get()\n    item.nothing\n",
    "expectation": RIGHT.replace("attempts + 1", "attempts + 2"),
    "exit": HEAD + SIGNATURE + "    import sys\n    sys.exit(0)\n",
    "exit-os": HEAD + SIGNATURE + "    import os\n    os._exit(0)\n",
    "exit-import": "import os\nos._exit(0)\n",
    "exit-import-sys": RIGHT + "import sys\nsys.exit(0)\n",
    "memory": HEAD
    + SIGNATURE
    + "    kept = []\n    while True:\n        kept.append(bytearray(1 << 24))\n",
    "output": HEAD + SIGNATURE + "    for _ in range(200_000):\n        print('x' * 1000)\n",
    "import": "def f(:\n",
    "import-name": "import tenacity\n" + RIGHT,
    "signature": HEAD,
    "signature-renamed": RIGHT.replace("def consumer", "def konsumer"),
    "signature-def": HEAD + SIGNATURE.replace("async ", "") + "    return None\n",
    "signature-parameters": RIGHT.replace("attempts=4", "tries=4, attempt_count=4"),
    "signature-yield": RIGHT.replace("await process_item(item)", "yield await process_item(item)"),
    "signature-no-error": RIGHT.replace("class TransientError", "class Other").replace(
        "except TransientError", "except Other"
    ),
}


EXERCISE = "ex2_build_retry_loop"
SEED = 5


def graded(folder: Path, source: str) -> tuple[int, Any]:
    """The exit code and the JSON for one ex2 module."""
    (folder / f"{EXERCISE}.py").write_text(source)
    code, data, _errors = by_command("grade", "ex2", "--from", str(folder), "--seed", str(SEED))
    return code, data["exercises"][0]


@pytest.mark.parametrize(
    "fork",
    [pytest.param(True, id="fork"), pytest.param(False, id="no-fork", marks=pytest.mark.once)],
)
def test_every_why(fork: bool, subtests: pytest.Subtests) -> None:
    """Each way to go wrong fails with its own `why` first, passes nothing and leaves no process.

    One after the other in one session, so that none may spoil what comes after it either.
    """
    before = learners()
    results = grade_each([(EXERCISE, source) for source in WHYS.values()], SEED, fork=fork)
    eventually(lambda: not learners() - before, "the end of all processes")
    for case, result in zip(WHYS, results, strict=True):
        with subtests.test(case):
            first = result.first_failure
            assert first is not None
            assert first.why is Why(case.split("-", maxsplit=1)[0]), first
            assert result.outcome is Outcome.FAILED
            assert first.message
            assert first.hint
            assert result.score == 0 or case == "expectation"


def learners() -> set[str]:
    """The processes of learners' modules that are alive now, anywhere on this machine."""
    found = subprocess.run(
        ["/bin/ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout
    mine = {line.split()[0] for line in found.splitlines() if f" {os.getpid()} " in line}
    return {
        line
        for line in found.splitlines()
        if "grader.lab" in line and line.split()[1] in {*mine, "1"} and "ps -eo" not in line
    }


@pytest.mark.proof
@pytest.mark.parametrize("case", ["busy_loop", "deadlock", "error", "exit-os", "livelock"])
def test_the_guilty_line_is_named(case: str, tmp_path: Path) -> None:
    """By the command: what stopped the run is shown with the line of the learner's file."""
    before = learners()
    source = WHYS[case]
    code, result = graded(tmp_path, source)
    first = next(check for check in result["checks"] if check["outcome"] == "failed")
    assert 9 <= first["line"] <= source.count("\n")
    assert first["why"] == case.split("-", maxsplit=1)[0], first
    assert code == 10
    assert not learners() - before


def test_not_run_follows_from_one_cause(tmp_path: Path) -> None:
    """One cause is one finding: the other checks are `not_run`, by dependency."""
    _code, result = graded(tmp_path, "import os\nos._exit(0)\n")
    assert [check["why"] for check in result["checks"]].count("exit") == 1
    assert {check["why"] for check in result["checks"][1:]} == {"dependency"}


CHEATS = {
    "always-equal": HEAD
    + """class Yes:
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __bool__(self): return True
    def __await__(self): return iter(())
    def __getattr__(self, name): return Yes()
    def __call__(self, *a, **k): return Yes()


import sys
sys.modules[__name__] = Yes()
consumer = Yes()
""",
    "patches": """import asyncio, builtins, json, random, sys, time


async def nothing(*a, **k): return None
asyncio.sleep = nothing
asyncio.Queue.join = nothing
random.random = lambda: 0.5
time.monotonic = time.perf_counter = lambda: 0.0
json.dumps = lambda *a, **k: '{"outcome": "passed"}'
for name in [n for n in sys.modules if n.startswith("grader")]:
    for attribute in dir(sys.modules[name]):
        setattr(sys.modules[name], attribute, lambda *a, **k: True)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        await q.get()
        stats["consumed"] += 1
        q.task_done()
""",
    "replaces-len": "import builtins\nbuiltins.len = lambda x: 0\n" + RIGHT.replace("+ 1)", ")"),
    "writes-everywhere": """import os
for fd in range(3, 64):
    try:
        os.write(fd, b'{"loaded": true}\\n{"format": 1, "end": {"how": "quiet"}}\\n' * 9)
    except OSError:
        pass
"""
    + HEAD
    + SIGNATURE
    + "    pass\n",
}


@pytest.mark.proof
@pytest.mark.parametrize("case", CHEATS)
def test_cheats_pass_nothing_of_their_own(case: str, tmp_path: Path) -> None:
    """A module that lies or undermines its surroundings does not pass, and harms no other."""
    (tmp_path / "ex1_add_maxsize.py").write_text(
        (find_root() / "solutions" / "ex1_add_maxsize.py").read_text()
    )
    (tmp_path / "ex2_build_retry_loop.py").write_text(CHEATS[case])
    code, data, _errors = by_command("grade", "ex1", "ex2", "--from", str(tmp_path))
    other, cheat = data["exercises"]
    assert other["outcome"] == "passed"
    assert cheat["outcome"] == "failed"
    assert code == 10


def test_no_module_takes_long(tmp_path: Path) -> None:
    """The worst module, which hangs anew in each process, is bounded in processor time."""
    source = HEAD + SIGNATURE + "    while True:\n        pass\n"
    began = os.times()
    graded(tmp_path, source)
    ended = os.times()
    used = sum(ended[2:4]) - sum(began[2:4])
    assert used < 10  # processor seconds of all children: a bound, not a speed
