"""A class that a cluster grades is the class graded on one machine, whatever is lost meanwhile."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from grader.course.catalog import find_root
from tests.classroom.support import SEED, hand_in, interrupt, left_over, seen
from tests.classroom.test_parts import masked
from tests.scale.support import Dask, OnCluster, filled, until

COUNT = 12
POISONED = 5
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        find_spec("distributed") is None,
        reason="needs dask.distributed: `nox -s scale` has it",
    ),
]


@pytest.fixture
def command(tmp_path: Path) -> OnCluster:
    """A class, and the command to grade it."""
    return OnCluster(tmp_path)


@pytest.fixture
def dask(tmp_path: Path, command: OnCluster) -> Iterator[Dask]:
    """A cluster, not started yet."""
    cluster = Dask(tmp_path, command.marked)
    yield cluster
    cluster.stop()
    assert left_over(command.marked) == []


@pytest.fixture(scope="module")
def one_piece(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the class graded here, without the cluster."""
    command = OnCluster(tmp_path_factory.mktemp("whole"))
    odd(command)
    command.grade(*SEED)
    return masked(command.out)


def odd(command: OnCluster) -> None:
    """A class of which one file cannot be read, one has another name, and one no file at all."""
    filled(command, COUNT)
    (command.submissions / "broken.zip").write_bytes(b"PK\x03\x04")
    hand_in(command.submissions, "李伟 'x'", {"ex2 (1)": "x = 1\n"})
    hand_in(command.submissions, "large", {"ex1_add_maxsize": "x = 1\n" * 100_000})
    (command.submissions / "empty").mkdir()


def rows(out: Path) -> list[tuple[str, str, str, str, str]]:
    """Who graded what, where and when."""
    with closing(sqlite3.connect(out / "grading.sqlite3")) as database:
        found = database.execute(
            "SELECT submission, host, worker, began, ended FROM verdicts WHERE outcome IN "
            "('passed', 'failed') GROUP BY submission"
        )
        return list(found)


def check(command: OnCluster, dask: Dask, one_piece: dict[str, str]) -> None:
    """The files are those of one piece, and nobody was graded more than twice."""
    assert masked(command.out) == one_piece
    assert max(dask.times().values()) <= 2
    assert len(dask.times()) == COUNT


def test_a_cluster_makes_the_class_in_one_piece(
    command: OnCluster, dask: Dask, one_piece: dict[str, str]
) -> None:
    """All workers have work, everybody is graded once, and it is known where; again is no work."""
    odd(command)
    command.address = dask.start().address
    dask.wait_for(3)
    ran = command.grade(*SEED)
    assert (ran.returncode, ran.stderr) == (3, "")
    assert "3 workers on 1 machine" in ran.stdout
    assert " not here yet, " in ran.stdout  # what a batch has graded is told before it ends
    check(command, dask, one_piece)
    assert set(dask.times().values()) == {1}
    assert {pid for _, pid in dask.graded()} == {one.pid for one in dask.workers}
    for _, host, worker, began, ended in rows(command.out):
        assert host == os.uname().nodename
        assert worker.startswith("tcp://127.0.0.1:")
        assert began < ended
    before = dask.log.read_text(encoding="utf-8")
    assert "Grading " in command.run("--resume").stdout  # the one that cannot be read
    assert dask.log.read_text(encoding="utf-8") == before
    command.address = ""
    assert command.run("--resume").returncode == 3
    assert masked(command.out) == one_piece


def test_parts_of_a_cluster_and_of_one_machine(
    command: OnCluster, dask: Dask, one_piece: dict[str, str]
) -> None:
    """They are parts of one class, and it is known who graded which."""
    odd(command)
    parts = [command.folder / "parts" / str(number) for number in (1, 2)]
    for number, out in enumerate(parts, 1):
        command.address = dask.start(2).address if number == 1 else ""
        command.out = out
        ran = command.grade(*SEED, "--shard", f"{number}/2")
        assert ran.returncode in (0, 3), ran.stderr
    command.out = command.folder / "merged"
    words = ["class", "merge", *map(str, parts), "--out", str(command.out)]
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        env=command.environment,
        cwd=find_root(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert masked(command.out) == one_piece
    on_cluster = [worker.startswith("tcp://") for _, _, worker, _, _ in rows(command.out)]
    assert set(on_cluster) == {True, False}


@pytest.mark.parametrize("group", [False, True], ids=["worker", "group"])
def test_a_worker_that_is_killed(
    command: OnCluster, dask: Dask, one_piece: dict[str, str], *, group: bool
) -> None:
    """Its batch is another one's, which the screen says; nothing has to be resumed."""
    odd(command)
    command.address = dask.start().address
    dask.wait_for(3)
    process = command.start(str(command.submissions), *SEED)
    victim = dask.at_work()
    (os.killpg if group else os.kill)(victim.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=command.patience)
    assert (process.returncode, err) == (3, "")
    assert "was lost in the middle of the run" in " ".join(out.split())
    check(command, dask, one_piece)


def test_the_scheduler_is_killed(command: OnCluster, dask: Dask, one_piece: dict[str, str]) -> None:
    """It is said in one line with the command to go on, and another cluster goes on."""
    odd(command)
    command.address = dask.start().address
    dask.wait_for(3)
    process = command.start(str(command.submissions), *SEED)
    dask.at_work()
    assert dask.scheduler is not None
    dask.scheduler.kill()
    _, err = process.communicate(timeout=command.patience)
    assert (process.returncode, err.count("\n")) == (3, 1)
    assert f"The scheduler at {command.address} answers no more." in err
    assert f"--resume --out {command.out} --dask {command.address}" in err
    dask.stop()
    command.address = dask.start().address
    assert command.run("--resume").returncode == 3
    check(command, dask, one_piece)


@pytest.mark.parametrize("how", ["kill", "Ctrl-C"])
def test_the_command_is_stopped(
    command: OnCluster, dask: Dask, one_piece: dict[str, str], how: str
) -> None:
    """The cluster stops with it, and the next run goes on; Ctrl-C says with which words."""
    odd(command)
    command.address = dask.start().address
    dask.wait_for(3)
    process = command.start(str(command.submissions), *SEED)
    dask.at_work()
    if how == "kill":
        process.kill()
        process.communicate()
    else:
        interrupt(process)
        out, err = process.communicate(timeout=command.patience)
        assert (process.returncode, err) == (130, "")
        assert f"class --resume --out {command.out} --dask {command.address}" in out
    until("the workers have stopped grading", lambda: not dask.grading())
    assert all(worker.poll() is None for worker in dask.workers)
    assert command.run("--resume").returncode == 3
    check(command, dask, one_piece)


def test_who_kills_a_worker_costs_nobody_else_anything(command: OnCluster, dask: Dask) -> None:
    """Our own processes keep that from the cluster's worker, which is there in the end."""
    filled(command, COUNT, [POISONED])
    command.address = dask.start(2).address
    ran = command.grade(*SEED)
    assert ran.returncode == 3, ran.stderr
    times = dask.times()
    assert times.pop(f"learner-{POISONED:03}") == 3  # the tries of a submission of its own
    assert set(times.values()) == {1}
    results = {one["submission"]: one["exercises"] for one in command.results()["submissions"]}
    ungraded = {
        name for name, all_ in results.items() if "ungraded" in {x["outcome"] for x in all_}
    }
    assert ungraded == {f"learner-{POISONED:03}"}
    assert all(worker.poll() is None for worker in dask.workers)


def test_machines_that_are_lost_twice(
    command: OnCluster, dask: Dask, one_piece: dict[str, str]
) -> None:
    """Nobody is graded a third time: the batch is ungraded with the reason, until it is resumed."""
    odd(command)
    command.address = dask.start(1).address
    process = command.start(str(command.submissions), *SEED)
    for number in (1, 2):
        dask.at_work(number if number == 1 else len(dask.graded()) + 1).kill()
        dask.worker()
    out, _ = process.communicate(timeout=command.patience)
    assert process.returncode == 3
    assert "Given up after 2 machines" in " ".join(out.split())
    assert max(dask.times().values()) <= 2
    assert command.run("--resume").returncode == 3
    assert masked(command.out) == one_piece


@pytest.mark.parametrize(
    ("tells", "reason"),
    [
        ({"python": "CPython 3.11.0"}, "CPython 3.11.0 there, "),
        ({"course": "older"}, "another version of the course there"),
        ({"walls": ["limits"]}, "its walls are limits, those of the others"),
    ],
    ids=["python", "course", "walls"],
)
def test_another_machine_takes_no_work(
    command: OnCluster, dask: Dask, tells: dict[str, object], reason: str
) -> None:
    """It is named with the reason before anything is graded; alone, nothing is graded at all."""
    filled(command, 4)
    command.address = dask.start(2).address
    other = dask.worker(**tells)
    dask.wait_for(3)
    ran = command.grade(*SEED)
    assert ran.returncode == 0, ran.stderr
    before, _, _ = ran.stdout.partition("Grading ")
    assert reason in " ".join(before.split())
    assert other.pid not in {pid for _, pid in dask.graded()}


def test_a_worker_without_the_course(command: OnCluster, dask: Dask) -> None:
    """It is named with the command that mends it, lives on, and takes no work; the others go on."""
    filled(command, 4)
    command.address = dask.start(1).address
    dask.bare_worker()
    dask.wait_for(2)
    ran = command.grade(*SEED)
    assert (ran.returncode, ran.stderr) == (0, "")
    before, _, _ = ran.stdout.partition("Grading ")
    said = " ".join(before.split())
    assert "1 worker on 1 machine" in said
    assert "takes no work: it does not find the course (ModuleNotFoundError" in said
    assert 'pip install "WHEEL[scale]"' in said
    assert dask.processes[-1].poll() is None


def test_no_worker_yet(command: OnCluster, dask: Dask) -> None:
    """At once it is said what is waited for; Ctrl-C stops that, and a worker that comes grades."""
    filled(command, 1)
    command.address = dask.start(0).address
    process = command.start(str(command.submissions), *SEED)
    assert seen(process, "No worker is at tcp://")
    interrupt(process)
    _, err = process.communicate(timeout=command.patience)
    assert (process.returncode, err) == (130, "Stopped.\n")
    process = command.start(str(command.submissions), *SEED)
    assert seen(process, "No worker is at tcp://")
    dask.worker()
    process.communicate(timeout=command.patience)
    assert process.returncode == 0


@pytest.mark.parametrize("tells", [{"course": "older"}, {"walls": []}], ids=["course", "walls"])
def test_no_machine_that_can_grade(
    command: OnCluster, dask: Dask, tells: dict[str, object]
) -> None:
    """The reason is said in one line, and nothing is begun."""
    filled(command, 1)
    command.address = dask.start(0).address
    dask.worker(**tells)
    dask.wait_for(1)
    words = [one for one in command.words(str(command.submissions)) if "trust" not in one]
    command.words = lambda *_more: words  # type: ignore[method-assign]
    ran = command.run()
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "No worker at tcp://" in ran.stderr
    assert ("isolated" if "walls" in tells else "version of the course") in ran.stderr
    assert not command.out.exists()
    assert dask.graded() == []


def test_a_cluster_on_this_machine(command: OnCluster, one_piece: dict[str, str]) -> None:
    """`--dask local` starts one and leaves nothing of it, when it is stopped as well."""
    odd(command)
    command.address = "local"
    with socket.socket() as taken:
        with suppress(OSError):  # where dask would show its page; or that is taken already
            taken.bind(("127.0.0.1", 8787))
            taken.listen()
        check_local(command, one_piece)


def check_local(command: OnCluster, one_piece: dict[str, str]) -> None:
    """Stop it and resume it."""
    process = command.start(str(command.submissions), *SEED, "--jobs", "2")
    assert seen(process, "Grading ")
    interrupt(process)
    _, err = process.communicate(timeout=command.patience)
    assert (process.returncode, err) == (130, "")
    assert left_over(command.marked) == []
    ran = command.run("--resume", "--jobs", "2")
    assert (ran.returncode, ran.stderr) == (3, "")
    assert "2 workers on 1 machine" in ran.stdout
    assert masked(command.out) == one_piece
    assert left_over(command.marked) == []


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "x://y:1", " "])
def test_no_scheduler(command: OnCluster, address: str) -> None:
    """One line says which address was tried, and what an address looks like."""
    filled(command, 1)
    command.address = address
    ran = command.grade()
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert ("Nothing answers at" in ran.stdout) == address.startswith("tcp")
    assert "--dask takes the address" in ran.stderr
    assert not command.out.exists()


def test_the_page(command: OnCluster, dask: Dask) -> None:
    """Its three commands make a cluster of three workers, and grade on it."""
    page = (find_root() / "docs" / "many-machines.md").read_text(encoding="utf-8")
    *start, typed = re.findall(
        r"^    (python -m (?:dask|grader) .*(?:--port|--dask|--nw).*)", page, re.MULTILINE
    )
    filled(command, 4)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    for line in start:
        dask.typed(line.replace("8786", port))
    dask.wait_for(3)
    words = shlex.split(typed.replace("8786", port))
    command.address = words[words.index("--dask") + 1]
    ran = command.grade(*SEED)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "3 workers on 1 machine" in ran.stdout
