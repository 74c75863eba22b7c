"""Two submissions of one class, at once: neither leaves a thing that the other could find."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import find_root
from tests.lab import apart

pytestmark = [
    pytest.mark.proof,
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only"),
]

NOBODY = 65_534
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
USERS = ("oneself", "plain") if AS_ROOT else ("oneself",)
# What the kernel shows of every process to everybody, where only bubblewrap hides files.
SHOWN = {
    *("cmdline", "status", "stat", "statm", "comm", "wchan", "sched", "mounts", "mountinfo"),
    *("cgroup", "oom_score", "loginuid", "net/unix", "net/tcp", "list task", "list "),
}


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for temporary files that a plain user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="grader-apart-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _told(user: str, home: Path, *options: str) -> dict[str, Any]:
    """What came of the two, run by this user: their accounts."""
    before: list[str] = []
    if user == "plain":
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv (util-linux) starts processes of other users, and is not here")
        # With the leave to read where Python itself is hidden from others.
        held = [f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps")]
        before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *held]
        before.append("--bounding-set=-all,+dac_read_search")
        os.chown(home, NOBODY, NOBODY)
    ran = subprocess.run(
        [*before, sys.executable, "-B", "-m", "tests.lab.apart", *options],
        cwd=find_root(),
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(find_root())},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    account: dict[str, Any] = json.loads(ran.stdout)
    assert account["left"]["tried"] > 20
    assert account["found"]["tried"] > 150
    return account


@pytest.mark.parametrize("options", [(), ("--no-bwrap",), ("--no-fork",)], ids="".join)
@pytest.mark.parametrize("user", USERS)
def test_two_submissions_are_apart(user: str, options: tuple[str, ...], home: Path) -> None:
    """Nothing is left, nothing is found, of the other, of the grader or of the machine."""
    account = _told(user, home, *options)
    assert account["left"]["worked"] == []
    assert account["found"]["worked"] == []
    remains = set(apart._words(apart._REMAINS))
    # Behind bubblewrap there are no files but Python's.
    hidden = {"the size of a file"} if account["bwrap"] else set()
    assert set(account["remains"]["worked"]) == remains - hidden
    assert list(home.iterdir()) == []


def test_apart_without_landlock(home: Path) -> None:
    """Behind bubblewrap alone they see what is public of each other's process, and not its memory."""
    account = _told("oneself", home, "--no-landlock")
    if not account["bwrap"]:
        pytest.skip("bubblewrap does not work here")
    assert account["left"]["worked"] == []
    others = {word for word in account["found"]["worked"] if word.endswith((" other", " server"))}
    # The folder of a process that cannot be looked into belongs to root, who may number its files.
    shown = SHOWN | {"list fd"} if AS_ROOT else SHOWN
    assert {word.rpartition(" of ")[0] for word in others} <= shown
    assert not {"the accounts", "a package", "the packages"} & set(account["found"]["worked"])


def test_what_is_tried_would_work(home: Path) -> None:
    """Without a sandbox most of it does: the tries are no mere mistakes in writing."""
    account = _told("oneself", home, "--no-sandbox")
    assert len(account["left"]["worked"]) > 15
    assert set(account["found"]["worked"]) > {
        "a file in /dev/shm",
        "System V memory",
        "an abstract socket",
        "environ of the other",
        "the network's addresses",
        "the machine's name",
        "a package",
    }


def test_every_try_has_its_name() -> None:
    """What worked is told by its place in the table."""
    words = apart._words(apart._LEAVES)
    assert words[0] == "a file in /dev/shm"
    assert len(words) == len(set(words))
