"""A larger class, one in a hundred of which kills its worker, while one of the cluster is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.classroom.support import SEED, files_of, left_over
from tests.scale.support import Dask, OnCluster, filled

COUNT = int(os.environ.get("GRADER_CLUSTER_CLASS", "100"))
EVERY = 100  # one of so many is poison
PROOFS = int(os.environ.get("GRADER_CLUSTERS", "1"))  # 20 take a quarter of an hour
VICTIMS = ("worker", "group", "scheduler", "command", "Ctrl-C")
pytestmark = [
    pytest.mark.once,
    pytest.mark.proof,
    pytest.mark.skipif(
        find_spec("distributed") is None,
        reason="needs dask.distributed: `nox -s scale` has it",
    ),
]


@pytest.fixture(scope="module")
def one_piece(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The files of the class graded here, where nothing is poison."""
    command = OnCluster(tmp_path_factory.mktemp("whole"))
    filled(command, COUNT)
    assert command.grade(*SEED).returncode == 0
    return files_of(command.out)


@pytest.fixture
def command(tmp_path: Path) -> OnCluster:
    """The class with its poison, and the command to grade it."""
    return OnCluster(tmp_path)


@pytest.fixture
def dask(tmp_path: Path, command: OnCluster) -> Iterator[Dask]:
    """A cluster of three."""
    cluster = Dask(tmp_path, command.marked).start()
    yield cluster
    cluster.stop()
    assert left_over(command.marked) == []


def kill(what: str, process: subprocess.Popen[str], dask: Dask, chance: random.Random) -> None:
    """Kill one of the cluster, or the command itself."""
    worker = chance.choice(dask.workers)
    if what == "worker":
        worker.kill()
    elif what == "group":
        os.killpg(worker.pid, signal.SIGKILL)
    elif what == "scheduler":
        assert dask.scheduler is not None
        dask.scheduler.kill()
    elif what == "command":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("number", range(PROOFS))
def test_killed_at_a_random_moment(
    command: OnCluster, dask: Dask, one_piece: dict[str, Any], number: int
) -> None:
    """After a `--resume` all files of the innocent are the same, and none was graded more than twice."""
    chance = random.Random(number)
    poison = chance.sample(range(COUNT), max(1, COUNT // EVERY))
    filled(command, COUNT, poison)
    names = {f"learner-{one:03}" for one in poison}
    command.address = dask.address
    process = command.start(str(command.submissions), *SEED)
    dask.at_work(chance.randrange(1, COUNT))
    what = VICTIMS[number % len(VICTIMS)]
    kill(what, process, dask, chance)
    _, err = process.communicate(timeout=command.patience)
    assert "Traceback" not in err
    if what == "scheduler":
        dask.stop()
        command.address = dask.start().address
    if process.returncode != 3 or what == "scheduler":
        assert command.run("--resume").returncode == 3, what
    found = files_of(command.out)
    assert innocent(found, names) == innocent(one_piece, names), what
    times = dask.times()
    assert all(3 <= times[name] <= 6 for name in names), what  # three tries of its own in a batch
    assert max(count for name, count in times.items() if name not in names) <= 2, what


def innocent(files: dict[str, Any], names: set[str]) -> tuple[Any, ...]:
    """The verdicts and the feedback of all others."""
    rows = [one for one in files["results.json"]["submissions"] if one["submission"] not in names]
    feedback = {f"feedback/{name}.md" for name in names}
    texts = {
        name: text
        for name, text in files.items()
        if name.startswith("feedback/") and name not in feedback
    }
    return rows, texts, len(texts)
