"""The front door, as it is typed: `python3 noxfile.py ...`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.catalog import find_root

ROOT = find_root()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The front door in this environment, which has nox."""
    command = [sys.executable, "noxfile.py", *arguments]
    return subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("-s", "grade", "hint", "ex1"), "-s grade -- hint ex1"),
        (("-e", "watch", "ex2"), "-s watch -- ex2"),
        (("-R", "-s", "grade", "3"), "-s grade -- 3"),
    ],
)
def test_forgotten_dashes(typed: tuple[str, ...], meant: str) -> None:
    """What nox would take for sessions is told to be the grader's, with the command to type."""
    done = run(*typed)
    assert done.returncode == 2
    assert done.stderr.endswith(f"{meant}\n")


@pytest.mark.parametrize("typed", [("lint", "types"), ("grade", "watch"), ("lint", "--", "hint")])
def test_sessions_are_no_mistake(typed: tuple[str, ...]) -> None:
    """Several sessions may be named, and anything may stand behind the dashes."""
    done = run("--list", "-s", *typed)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def no_answer() -> Iterator[str]:
    """The address of an index of packages that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
@pytest.mark.parametrize("has_nox", [False, True])
def test_stopped_while_setting_up(tmp_path: Path, no_answer: str, *, has_nox: bool) -> None:
    """Ctrl-C while packages are fetched leaves quietly, whoever fetches them."""
    for name in ("noxfile.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = sys.executable
    if not has_nox:
        bare = tmp_path / "bare"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
        python = str(bare / "bin" / "python")
    index = {"PIP_INDEX_URL": no_answer, "UV_INDEX_URL": no_answer, "PIP_RETRIES": "0"}
    process = subprocess.Popen(
        [python, "noxfile.py", "-s", "grade"],
        cwd=tmp_path,
        env={**os.environ, **index, "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:  # from now on any moment is as good as another
        if line.startswith("Setting up"):
            break
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert "Traceback" not in said, said
    assert process.returncode == 130, said
