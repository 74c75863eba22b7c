"""Submissions in real processes: traces when all is well, an honest word when it is not."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.errors import GraderFault
from grader.lab.child import EXIT_LAB
from grader.runner import interpreter, plain, watch
from grader.runner import learner as runner_learner
from grader.runner.hosts import Host, open_host
from grader.runner.learner import MOST_ENDS, Learner, Submission
from grader.runner.plain import PlainHost
from grader.runner.sandbox import Sandbox
from grader.runner.stops import Stop
from grader.script import Script, to_json
from grader.trace import Trace
from tests.lab.support import CONSUMER, body, line, raw, script
from tests.lab.support import pipeline as scenario_of
from tests.runner.conftest import KINDS, Hand, soon, stopped


def pipeline(*items: int) -> Script:
    """The script of a pipeline over these items."""
    return script(scenario_of(*items))


SCENARIO = pipeline()


# -- when all is well -------------------------------------------------------------------------------


_BUSY = (
    "import random, uuid\n"
    + CONSUMER
    + body(
        """
    async def one(item):
        await asyncio.sleep(random.uniform(0, 1))
        print(item, uuid.uuid4())
        await work(item)
    async with asyncio.TaskGroup() as group:
        for item in items:
            group.create_task(one(item))
    """
    )
)


@pytest.mark.parametrize(
    "scenario",
    [
        pipeline(*range(1000, 1020)),
        script(Consume((Job(1000, fails=1), Job(1001, at=1.0)), names=("A", "B"), cancel=3.0)),
    ],
)
def test_a_process_answers_as_the_lab_does(scenario: Script, host: Host) -> None:
    """The trace that comes back, from either host, is the one that the lab gives in this process."""
    learner = Learner(host, Submission("work", "exercises/work.py", _BUSY), "7")
    expected = raw(_BUSY, scenario, seed=learner._seed_of(0))
    try:
        answer = asyncio.run(learner.run(scenario))
    finally:
        learner.close()
    assert answer == expected
    assert Trace(expected, scenario.items).deterministic


async def test_a_module_is_loaded_once(hand_in: Hand) -> None:
    """Scenarios of one process share the module's state; another process has its own."""
    learner = hand_in("count = []\n" + body("count.append(1)\nreturn len(count)"))
    answers = [await learner.run(SCENARIO, process) for process in (0, 0, 1, 0)]
    assert [answer["result"] for answer in answers if isinstance(answer, dict)] == [1, 2, 1, 3]


async def test_processes_share_no_randomness(hand_in: Hand) -> None:
    """Each process draws numbers of its own, the same ones again for the same seed."""
    code = "import random, secrets\n" + body(
        "return [random.random(), random.Random().random(), secrets.randbelow(10 ** 9)]"
    )
    learner = hand_in(code)
    first, second = [(await learner.run(SCENARIO, process))["result"] for process in (0, 1)]  # type: ignore[index]  # both are traces
    assert not set(first) & set(second)
    again = await hand_in(code).run(SCENARIO, 1)
    other = await hand_in(code, seed="other").run(SCENARIO, 1)
    assert isinstance(again, dict)
    assert isinstance(other, dict)
    assert again["result"] == second
    assert not set(other["result"]) & set(second)


async def test_submissions_run_side_by_side(hand_in: Hand) -> None:
    """Several processes may be asked at the same time."""
    learner = hand_in(body("await asyncio.sleep(3)\nreturn 1"))
    answers = await asyncio.gather(*(learner.run(SCENARIO, process) for process in range(4)))
    assert [isinstance(answer, dict) and answer["clock"] for answer in answers] == [3.0] * 4


async def test_a_process_can_be_started_ahead(hand_in: Hand) -> None:
    """`start` does not wait; `load` says whether the import went well."""
    learner = hand_in(body("pass"))
    learner.start()
    assert await learner.load() is None
    assert await learner.load() is None
    assert isinstance(await learner.run(SCENARIO), dict)


async def test_scenarios_can_be_asked_for_ahead(hand_in: Hand) -> None:
    """What was prepared is run in that order, and once; what was not is run when asked for."""
    learner = hand_in("seen = []\n" + body("seen.extend(items)\nreturn list(seen)"))
    one, two, three = (pipeline(item) for item in (1000, 1001, 1002))
    learner.prepare([one])
    learner.prepare([two])
    answers = [await learner.run(scenario) for scenario in (two, three, one, one)]
    assert [answer["result"] for answer in answers if isinstance(answer, dict)] == [
        [1000, 1001],
        [1000, 1001, 1002],
        [1000],
        [1000, 1001, 1002, 1000],
    ]


async def test_any_amount_may_be_asked_for_ahead(hand_in: Hand) -> None:
    """A process that has to wait for its answers to be read, and does not read meanwhile, is no end."""
    learner = hand_in(body("for item in items: print(item, 'x' * 300)"))
    scripts = [pipeline(*range(1000, 1100 + n)) for n in range(90)]
    asking = threading.Thread(target=learner.prepare, args=(scripts,), daemon=True)
    asking.start()
    assert soon(lambda: not asking.is_alive())
    assert isinstance(await learner.run(scripts[-1]), dict)


async def test_a_scenario_nobody_asks_for_costs_no_other_its_trace(
    hand_in: Hand, impatient: None
) -> None:
    """When a prepared scenario ends the process, the others are run in a new one."""
    code = "import os\n" + body(
        """
        item = next(items)
        if item == 1000: os.kill(os.getpid(), 9)
        if item == 1001: os._exit(3)
        if item == 1002: __import__("posix")._exit(3)
        return item
        """
    )
    for deadly in (1000, 1001, 1002):
        learner = hand_in(code)
        learner.prepare([pipeline(deadly), pipeline(1003)])
        answer = await learner.run(pipeline(1003))
        assert isinstance(answer, dict)
        assert answer["result"] == 1003
        assert learner.ends == 1


async def test_a_call_may_be_given_up(hand_in: Hand) -> None:
    """A cancelled call leaves the process as it was, and its answer is nobody else's."""
    learner = hand_in(body("return list(items)"))
    call = asyncio.ensure_future(learner.run(pipeline(1000)))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait([call])
    answer = await learner.run(pipeline(1001))
    assert isinstance(answer, dict)
    assert answer["result"] == [1001]


@pytest.mark.parametrize("host", KINDS, indirect=True)  # in the sandbox nobody lists a folder
async def test_nothing_of_the_grader_is_in_reach(hand_in: Hand) -> None:
    """The package cannot be imported, no input, nothing of the user; argv is as by hand."""
    code = "import sys, os\n" + body(
        """
        try:
            import grader.lab
        except ImportError:
            found = "nothing"
        main = sys.modules["__main__"]
        return [found, sys.stdin.read(), sorted(set(os.environ) & {"HOME", "USER"}),
                hasattr(main, "main"), sys.argv, os.listdir()]
        """
    )
    learner = hand_in(code)
    answer = await learner.run(SCENARIO)
    assert isinstance(answer, dict)
    argv = [learner.submission.filename]
    assert answer["result"] == ["nothing", "", [], False, argv, []]


async def test_prints_go_nowhere_but_into_the_trace(
    hand_in: Hand, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither streams nor descriptors of the process lead to the grader's own."""
    code = "import os, sys\nprint('early')\n" + body(
        """
        print("seen")
        for fd in (0, 1, 2):
            with open(fd, "w", closefd=False) as file:
                file.write("past the lab")
        """
    )
    answer = await hand_in(code).run(SCENARIO)
    assert isinstance(answer, dict)
    assert [e[4] for e in answer["events"] if e[2] == "print"] == ["seen"]
    assert capfd.readouterr() == ("", "")


# -- when it ends otherwise -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        ("import sys\nsys.exit(3)", "exit"),
        ("held = []\nwhile True: held.append(bytearray(1 << 32))", "memory"),
        ("while True: await asyncio.sleep(0)", "livelock"),
    ],
)
async def test_an_end_that_the_lab_can_tell_loses_no_process(
    lines: str, how: str, hand_in: Hand
) -> None:
    """These ends are part of a trace, and the process goes on."""
    learner = hand_in(body(f"if next(items) == 1001: return 'on'\n{lines}"))
    answers = [await learner.run(pipeline(item)) for item in (1000, 1001)]
    assert isinstance(answers[0], dict)
    assert isinstance(answers[1], dict)
    assert answers[0]["end"]["how"] == how
    assert answers[1]["result"] == "on"
    assert learner.ends == 0


async def test_a_lost_process_is_replaced(hand_in: Hand, impatient: None) -> None:
    """After an end that lost the process, the next scenario runs in a new one."""
    learner = hand_in("import os\n" + body("if next(items) == 1000: os._exit(1)\nreturn 'on'"))
    assert isinstance(await learner.run(pipeline(1000)), Stop)
    answer = await learner.run(pipeline(1001))
    assert isinstance(answer, dict)
    assert answer["result"] == "on"


async def test_a_process_may_end_while_nobody_looks(hand_in: Hand) -> None:
    """One that is gone when the next scenario is sent is found out as well."""
    learner = hand_in(body("pass"))
    assert await learner.load() is None
    os.kill(learner._processes[0].connection.pid, 9)
    for _ in range(1_000):
        if not _lives(learner._processes[0].connection.pid):
            break
        await asyncio.sleep(0.01)
    assert stopped(await learner.run(SCENARIO)).why == "memory"
    assert isinstance(await learner.run(SCENARIO), dict)


async def test_after_so_many_ends_nothing_is_run(hand_in: Hand, impatient: None) -> None:
    """A file that had to be stopped again and again is left alone."""
    learner = hand_in("import os\n" + body("os._exit(1)"))
    whys = [stopped(await learner.run(SCENARIO)).why for _ in range(MOST_ENDS + 1)]
    assert whys == ["exit"] * MOST_ENDS + ["dependency"]


async def test_the_reason_is_told_where_only_prepared_runs_were_stopped(hand_in: Hand) -> None:
    """Whoever asks first after the last stop hears why; everybody else that nothing is run."""
    code = "import os\n" + body("if next(items) != 1000: os._exit(3)")
    learner = hand_in(code)
    for item in range(1001, 1001 + MOST_ENDS):
        learner.prepare([pipeline(item), pipeline(1000)])
        await learner._answer(0, runner_learner._encode(to_json(pipeline(1000))))
    assert [stopped(await learner.run(pipeline(1000))).why for _ in range(2)] == [
        "exit",
        "dependency",
    ]


# -- when it plays tricks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        "import builtins\nfor n in ('len', 'str', 'type', 'vars'): setattr(builtins, n, None)",
        "import builtins\nfor n in dir(builtins):\n    if n[0] != '_': delattr(builtins, n)",
        "import json.encoder\njson.encoder.c_make_encoder = json.encoder._make_iterencode = None",
        "import json\njson.loads = json.dumps = json.JSONEncoder.encode = None",
        "import asyncio\nfor n in dir(asyncio):\n    if n[0] != '_': setattr(asyncio, n, None)",
        "import asyncio\nasyncio.base_events.BaseEventLoop._run_once = None",
        "import heapq, inspect\nheapq.heappush = inspect.signature = None",
        "import sys\nsys.modules.clear()",
        "import sys\nsys.setrecursionlimit(60)",
        "import os\nos.write = os.read = None",
    ],
)
async def test_whatever_a_file_replaces_the_grader_lives(
    changes: str, hand_in: Hand, impatient: None
) -> None:
    """A file that undermines Python gets a trace or an honest word, and never harms the grader."""
    code = body("return 'fine'") + changes
    answer = await hand_in(code).run(SCENARIO)
    if isinstance(answer, Stop):
        assert answer.why in ("error", "import"), answer
    else:
        assert Trace(answer, SCENARIO.items)._read is not None


async def test_once_the_files_code_has_begun_nothing_is_the_graders_fault(hand_in: Hand) -> None:
    """Whatever breaks in a process from then on is told as what the file did."""
    learner = hand_in(body("pass"))
    stop = stopped(await learner.run(script(Pipeline((Job(7), Job(7))))))  # which no check asks for
    assert (stop.why, "breaks what its process needs" in stop.message) == ("error", True)
    assert isinstance(await learner.run(SCENARIO), dict)


@pytest.mark.skipif(os.name != "posix", reason="there is no posix module")
@pytest.mark.parametrize("code", [0, 3, 86, 87, 88, 89])
@pytest.mark.parametrize("words", ["", "OSError: the disk is full", "Timeout (0:00:01)!"])
async def test_no_exit_code_and_no_words_are_the_graders_fault(
    code: int, words: str, hand_in: Hand
) -> None:
    """A file cannot choose to be left ungraded."""
    lines = f"import posix\nposix.write(4, {words.encode()!r})\nposix._exit({code})"
    assert isinstance(await hand_in(lines).load(), Stop)


@pytest.mark.skipif(os.name != "posix", reason="there is no posix module")
@pytest.mark.parametrize(
    "line", ['{"broke":"no"}', '{"loaded":true}', '{"up":true}', '{"cut":true}', "x" * 5_000_000]
)
async def test_what_a_file_writes_on_the_line_is_no_answer(line: str, hand_in: Hand) -> None:
    """Only the lab knows how its lines begin."""
    code = (
        "import posix\nfor number in range(3, 16):\n"
        f"    try: posix.write(number, b{line!r} + b'\\n')\n    except OSError: pass\n"
    ) + body("pass")
    stop = stopped(await hand_in(code).load())
    assert stop.why == "error"


async def test_a_lab_that_cannot_even_start_is_the_graders_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that fails before the submission's code has begun is no verdict on it."""
    monkeypatch.setattr(plain, "_SUPERVISED", False)
    _start_with(f"import os; os._exit({EXIT_LAB})\n", monkeypatch)
    with (
        _on_plain_host(body("pass")) as learner,
        pytest.raises(GraderFault, match="The lab failed"),
    ):
        await learner.run(SCENARIO)


def _start_with(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every interpreter of the plain host start with these lines."""

    def command(module: str, *arguments: str) -> list[str]:
        usual = interpreter.command(module, *arguments)
        place = usual.index("-c") + 1
        return [*usual[:place], code + usual[place], *usual[place + 1 :]]

    monkeypatch.setattr(plain, "command", command)


@pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only")
@pytest.mark.parametrize("fork", [True, False])
async def test_without_its_sandbox_nothing_is_run(fork: bool, tmp_path: Path) -> None:
    """A process that cannot be shut in as was asked is the grader's fault, before any code runs."""
    host = open_host(fork=fork, sandbox=Sandbox(("limits", "moat")))
    left = tmp_path / "left"
    code = f"open({str(left)!r}, 'w')\n" + body("pass")
    learner = Learner(host, Submission("work", "work.py", code), "s")
    with pytest.raises(GraderFault, match="could not be put up: OSError: no such wall: moat"):
        await learner.run(SCENARIO)
    learner.close()
    host.close()
    assert not left.exists()


# -- when it starts others --------------------------------------------------------------------------


@pytest.mark.parametrize("host", KINDS, indirect=True)  # in the sandbox nobody can fork
@pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody can fork here")
async def test_a_grandchild_is_gone_after_the_end(hand_in: Hand) -> None:
    """What a submission starts in its own group ends with it."""
    code = "import os, select\n" + body(
        """
        pid = os.fork()
        if not pid:
            select.select([], [], [])
        return pid
        """
    )
    learner = hand_in(code)
    answer = await learner.run(SCENARIO)
    assert isinstance(answer, dict)
    assert _lives(answer["result"])
    learner.close()
    await _until_gone(answer["result"])


@pytest.mark.parametrize("host", KINDS, indirect=True)  # in the sandbox nobody can fork
@pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody can fork here")
@pytest.mark.parametrize(
    ("ending", "why"),
    [("os.kill(os.getpid(), 9)", "memory"), ("select.select([], [], [])", "timeout")],
)
async def test_a_grandchild_cannot_hold_the_line(
    ending: str, why: str, hand_in: Hand, impatient: None
) -> None:
    """A process that is lost is given up, though a daemon of its own keeps the line open."""
    code = f"""
import os, select
if not os.fork():
    os.setsid()
    select.select([], [], [], 4)
    os.kill(os.getpid(), 9)
{ending}
"""
    assert stopped(await hand_in(code).load()).why == why


@pytest.mark.parametrize("host", KINDS, indirect=True)  # in the sandbox nobody can fork
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
async def test_a_daemon_is_gone_after_the_end(hand_in: Hand) -> None:
    """What a submission starts in another session is found and ended too, from either host."""
    code = "import os, select\n" + body(
        """
        ours, theirs = os.pipe()
        pid = os.fork()
        if not pid:
            os.setsid()
            os.write(theirs, b"!")
            select.select([], [], [], 60)
            os.kill(os.getpid(), 9)
        os.read(ours, 1)
        return pid
        """
    )
    learner = hand_in(code)
    answer = await learner.run(SCENARIO)
    assert isinstance(answer, dict)
    assert _lives(answer["result"])
    learner.close()
    assert soon(lambda: not _lives(answer["result"]))


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: ASYNC230, PTH123, RUF100
            return file.read().rpartition(b")")[2].split()[0] not in b"ZX"
    except OSError:
        return False


async def _until_gone(pid: int, looks: int = 1_000) -> None:
    for _ in range(looks):
        if not _lives(pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"process {pid} lives on")


@pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only")
async def test_what_the_sandbox_notices_comes_back(host: Host) -> None:
    """The tries of a submission are told as sentences, each once; other hosts notice nothing."""
    code = "import os\n" + body(
        """
        for _ in range(3):
            try:
                os.mkdir("/grader-hostile")
            except OSError:
                pass
        """
    )
    learner = Learner(host, Submission("work", "work.py", code.replace("mkdir", "rmdir")), "s")
    answer = await learner.run(SCENARIO)
    assert isinstance(answer, dict)
    assert "noticed" not in answer
    assert list(learner.noticed) in ([], ["tried to remove /grader-hostile"])
    learner.close()


# -- other systems ----------------------------------------------------------------------------------


@pytest.fixture
def like_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's process without what only POSIX has, and nothing known about it from outside."""
    less = (
        "import os, signal, sys; sys.modules['resource'] = None; del os.fork, os.setsid, os.killpg, "
        "signal.setitimer, signal.ITIMER_PROF, signal.SIGPROF; "
    )
    monkeypatch.setattr(plain, "_SUPERVISED", False)
    _start_with(less, monkeypatch)
    monkeypatch.delattr(os, "killpg", raising=False)
    monkeypatch.delattr(signal, "SIGPROF", raising=False)
    monkeypatch.setattr(watch, "_sample", lambda _pid: None)


async def test_without_signals_and_sessions_all_is_well(like_windows: None) -> None:
    """A module runs as ever where there is neither fork, session, timer nor resource limit."""
    with _on_plain_host(body("await asyncio.sleep(1)\nreturn list(items)")) as learner:
        answer = await learner.run(SCENARIO)
        assert isinstance(answer, dict)
        assert answer["result"] == [1000, 1001, 1002, 1003]


async def test_without_signals_a_spin_still_has_its_line(
    like_windows: None, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where processor time cannot be limited, real time is, and the stack is written as well."""
    monkeypatch.setattr(runner_learner, "CPU_LIMIT", 0.05)
    code = body("while True: pass  # here")
    with _on_plain_host(code) as learner:
        stop = stopped(await learner.run(SCENARIO))
    assert (stop.why, stop.line) == ("busy_loop", line(code))


async def test_without_signals_a_standstill_ends_by_the_clock(
    like_windows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system tells nothing, a limit on real time is left."""
    monkeypatch.setattr(watch, "WALL", 0.5)
    with _on_plain_host(body("import select\nselect.select([], [], [])")) as learner:
        assert stopped(await learner.run(SCENARIO)).why == "timeout"


class _on_plain_host:  # noqa: N801  # read as a phrase
    """A learner on a plain host of its own."""

    def __init__(self, code: str) -> None:
        self._host = PlainHost()
        self._learner = Learner(self._host, Submission("work", "exercises/work.py", code), "s")

    def __enter__(self) -> Learner:
        return self._learner

    def __exit__(self, *_error: object) -> None:
        self._learner.close()
        self._host.close()


async def test_the_python_that_runs_the_grader_runs_the_submission(hand_in: Hand) -> None:
    """A submission is judged by the same Python version as the grader's."""
    answer = await hand_in("import sys\n" + body("return list(sys.version_info[:3])")).run(SCENARIO)
    assert isinstance(answer, dict)
    assert answer["result"] == list(sys.version_info[:3])
