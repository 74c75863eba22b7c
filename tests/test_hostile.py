"""Hostile submissions in the sandbox: none passes that should not, harms another, or leaves a trace.

As whoever runs the tests and, where that is root, as a plain user too; by default not all in every
way, with `nox -s hostile` they are.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.catalog import find_root
from grader.runner.sandbox import probe
from tests.corpus import load

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only"),
]

MARK = "grader-hostile"  # in the names of all files that they try to leave
SHARED = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/etc/cron.d")]  # noqa: S108
NOBODY = 65_534
ALL = "GRADER_HOSTILE" in os.environ  # set by `nox -s hostile`

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
USERS = ("oneself", "plain") if AS_ROOT else ("oneself",)
HOSTS = ("fork", "no-bwrap", "no-fork")
# Who, on which host, which part of them: enough to meet each of them, each user and each host.
SAMPLE = [("oneself", "fork", "0/1"), ("oneself", "no-bwrap", "2/6"), (USERS[-1], "no-fork", "1/6")]
SAMPLE += [("plain", "fork", "0/3")] if AS_ROOT else []
RUNS = [(user, host, "0/1") for user in USERS for host in HOSTS] if ALL else SAMPLE


@pytest.fixture
def home() -> Iterator[Path]:
    """A home, which also has room for temporary files; not in pytest's, which others may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="grader-home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _as_plain_user() -> tuple[str, ...]:
    """Starts a command as nobody; with the leave to read where Python itself is hidden from others."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv (util-linux) starts processes of other users, and is not here")
    more = ("-all,+dac_read_search",) * 3
    options = ("--inh-caps=", "--ambient-caps=", "--bounding-set=")
    capabilities = [option + value for option, value in zip(options, more, strict=True)]
    who = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    return ("setpriv", *who, *capabilities)


def _run(user: str, home: Path, *arguments: str) -> list[dict[str, Any]]:
    before = () if user == "oneself" else _as_plain_user()
    if before:
        os.chown(home, NOBODY, NOBODY)
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    ran = subprocess.run(
        [*before, sys.executable, "-B", "-m", "tests.hostile", *arguments],
        cwd=find_root(),
        env={**environment, "PYTHONPATH": str(find_root())},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _course() -> dict[Path, tuple[int, int, int]]:
    """Every file of the course that matters, with its mode, size and time."""
    root = find_root()
    files = [root, *(root / name for name in ("exercises", "solutions", "grader", "tests"))]
    files += [path for folder in files[1:] for path in folder.rglob("*.py")]
    return {path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in _stats(files)}


def _stats(files: Sequence[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for path in files:
        # Folders change with the caches of tests that run beside these.
        yield path, path.stat() if path.is_file() else os.stat_result((path.stat().st_mode,) * 10)


def _left_behind() -> list[str]:
    """Files with the mark, where everybody may leave them; and shared memory with an owner to spare."""
    found = [str(path) for folder in SHARED if folder.exists() for path in folder.glob(f"*{MARK}*")]
    found += [str(path) for path in find_root().glob(f"**/{MARK}*")]
    for kind in ("shm", "msg", "sem"):
        table = Path("/proc/sysvipc", kind)
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        found += [f"{kind}: {row}" for row in rows]
    return found


@pytest.mark.parametrize(("user", "host", "part"), RUNS)
def test_hostile_submissions(user: str, host: str, part: str, home: Path) -> None:
    """None passes, spoils its neighbour, or leaves a process, a file or a connection behind."""
    course, left = _course(), _left_behind()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        more = [] if host == "fork" else [f"--{host}"]
        lines = _run(user, home, "--part", part, "--port", str(port), *more)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert lines
    assert {line["slug"]: line["wrong"] for line in lines if line["wrong"]} == {}
    assert list(home.iterdir()) == []
    assert _left_behind() == left
    assert _course() == course
    for line in lines:
        if line["slug"] in SAYS:
            assert (line["slug"], line["why"]) == (line["slug"], SAYS[line["slug"]]), line
        if "held back" in line["message"]:
            assert line["flags"], f"{line['slug']} draws no flag"


# What some of them have to be told, since each comes to its end in a way of its own.
SAYS = {
    "closes_every_descriptor": "error",
    "crashes_the_interpreter": "error",
    "fork_bomb": "import",
    "hundred_thousand_lines": "import",
    "huge_numbers": "busy_loop",
    "ignores_signals_then_spins": "busy_loop",
    "memory_without_end": "memory",
    "nested_beyond_the_parser": "import",
    "opens_descriptors_without_end": "error",
    "prints_without_end": "output",
    "regular_expression_blows_up": "busy_loop",
    "replaces_the_json_encoder": "error",
    "stops_itself": "timeout",
    "sys_exit_at_import": "exit",
    "waits_for_an_event_nobody_sets": "deadlock",
}


def test_there_are_enough_of_them() -> None:
    """Accidents, exhaustion, escapes and cheats: forty at least, most of which have to be refused."""
    hostile = [one for one in load() if one.label == "hostile"]
    assert len(hostile) >= 40
    assert sum(one.verdict == "reject" for one in hostile) >= 40
    assert {one.slug for one in hostile} >= set(SAYS) - {"hundred_thousand_lines"}


def test_this_machine_isolates() -> None:
    """Where these tests run, isolation is complete enough for a class."""
    assert probe().reason() is None
