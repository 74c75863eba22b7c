"""Hostile submissions in the sandbox: none passes that should not, harms another, or leaves a trace.

As whoever runs the tests and, where that is root, as a plain user too; by default not all in every
way, with `nox -s hostile` they are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import exercises, find_root
from grader.render.words import short
from grader.runner.sandbox import probe
from tests.corpus import KINDS, load
from tests.hostile import users
from tests.hostile.cases import known_cases
from tests.hostile.leftovers import left_behind, newly_left
from tests.hostile.table import PAGE, table
from tests.hostile.users import AS_ROOT, as_plain_user

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only"),
]

ALL = "GRADER_HOSTILE" in os.environ  # set by `nox -s hostile`
PATIENCE = 7_200 if ALL else 600  # seconds for one run

NOBODY = users.NOBODY
USERS = ("oneself", "plain") if AS_ROOT else ("oneself",)
HOSTS = ("fork", "no-bwrap", "no-fork")
# Who, on which host, which part of them: enough to meet each user and each host.
SAMPLE = [("oneself", "fork", "0/40"), ("oneself", "no-bwrap", "4/50")]
SAMPLE += [(USERS[-1], "no-fork", "7/70")]
SAMPLE += [("plain", "fork", "8/40")] if AS_ROOT else []
RUNS = [(user, host, "0/1") for user in USERS for host in HOSTS] if ALL else SAMPLE


@pytest.fixture
def home() -> Iterator[Path]:
    """A home, which also has room for temporary files; not in pytest's, which others may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="grader-home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _as_plain_user() -> tuple[str, ...]:
    """What starts a command as nobody; skips the test where nothing does."""
    before = as_plain_user()
    if before is None:
        pytest.skip("setpriv (util-linux) starts processes of other users, and is not here")
    return before


def _run(user: str, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    before: tuple[str, ...] = ()
    if user == "plain":
        before = _as_plain_user()
        os.chown(home, NOBODY, NOBODY)
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    return subprocess.run(
        [*before, sys.executable, "-B", "-m", *command],
        cwd=find_root(),
        env={**environment, "PYTHONPATH": str(find_root())},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _judged(user: str, home: Path, *arguments: str) -> list[dict[str, Any]]:
    ran = _run(user, home, "tests.hostile.judged", *arguments)
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


@pytest.mark.parametrize(("user", "host", "part"), RUNS)
def test_hostile_submissions(user: str, host: str, part: str, home: Path) -> None:
    """None passes, spoils its neighbour, or leaves a process, a file or a connection behind."""
    course, left = _course(), left_behind()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        more = [] if host == "fork" else [f"--{host}"]
        lines = _judged(user, home, "--part", part, "--port", str(port), *more)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert lines
    assert [_found(line) for line in lines if line["wrong"]] == []
    assert list(home.iterdir()) == []
    assert newly_left(left) == []
    assert _course() == course
    for line in lines:
        if line["slug"] in SAYS:
            assert (line["slug"], line["why"]) == (line["slug"], SAYS[line["slug"]]), line
        if "held back" in line["message"]:
            assert line["flags"], f"{line['slug']} draws no flag"


def _found(line: dict[str, Any]) -> tuple[str, str, str]:
    return line["slug"], short(line["exercise"]), "; ".join(line["wrong"])


# What some of them have to be told, since each comes to its end in a way of its own.
SAYS = {
    "class_whose_name_ends_it_all": "expectation",
    "closes_every_descriptor": "error",
    "crashes_the_interpreter": "error",
    "fork_bomb": "import",
    "hundred_thousand_lines": "import",
    "huge_numbers": "busy_loop",
    "ignores_signals_then_spins": "busy_loop",
    "memory_without_end": "memory",
    "negations_beyond_the_parser": "import",
    "nested_beyond_the_parser": "import",
    "opens_descriptors_without_end": "error",
    "prints_without_end": "output",
    "regular_expression_blows_up": "busy_loop",
    "replaces_the_json_encoder": "expectation",
    "stops_itself": "timeout",
    "sys_exit_at_import": "exit",
    "waits_for_an_event_nobody_sets": "deadlock",
}


def _class(*arguments: str, file: Path) -> dict[str, Any]:
    """Grade a class by the driver; returns all that it found."""
    command = [sys.executable, "-B", "-m", "tests.hostile", "--json", str(file), *arguments]
    ran = subprocess.run(
        command,
        cwd=find_root(),
        env={**os.environ, "PYTHONPATH": str(find_root())},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert file.exists(), ran.stderr
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


PLAIN = ("--user", "plain") if AS_ROOT and as_plain_user() else ()
TIGHT = [("--processes", "2000"), ("--memory", "1500000")]  # as `ulimit -u`, and `-v` in kilobytes
HEAVY = "threads,memory,fork*,json_of_small*,stack_of_many*,slow_to_end,exits_with*"
CLASS = (
    ("--cases", HEAVY, "--sample", "12")
    if ALL
    else ("--cases", "threads_until*,fork_bomb,exits_w*")
)


@pytest.mark.parametrize("limit", TIGHT, ids=["processes", "memory"])
def test_class_within_limits(limit: tuple[str, str], tmp_path: Path) -> None:
    """Hostile learners cost no innocent a verdict where processes or memory are short."""
    found = _class(*PLAIN, *CLASS, *limit, "--jobs", "2", file=tmp_path / "found.json")
    names = ("ungraded", "changed", "misjudged", "passed", "left", "formulas", "faults")
    assert {name: found[name] for name in names if found[name]} == {}


def test_class_is_written_for_other_graders(tmp_path: Path) -> None:
    """Every case is written as a learner's folder, with its verdicts beside them."""
    folder = tmp_path / "class"
    command = [sys.executable, "-B", "-m", "tests.hostile", "--write", str(folder)]
    subprocess.run(command, cwd=find_root(), check=True, capture_output=True)
    verdicts = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    cases = known_cases()
    assert set(verdicts) == {case.folder for case in cases}
    for case in cases:
        files = {path.stem for path in (folder / case.folder).iterdir()}
        assert files == set(verdicts[case.folder]["verdicts"])


def test_page_lists_every_case() -> None:
    """The table in the README is that of the files; `python -m tests.hostile.table` writes it."""
    named = set(re.findall(r"\| (ex\d+)\b", PAGE.read_text(encoding="utf-8")))
    if gone := named - {entry.id.partition("_")[0] for entry in exercises()}:
        pytest.skip(f"the table has cases of exercises that this course has not: {sorted(gone)}")
    assert table() in PAGE.read_text(encoding="utf-8")


def test_cases_have_slugs_of_their_own() -> None:
    """No two cases share a slug or a folder, and every kind has cases."""
    cases = known_cases()
    for names in ([case.slug for case in cases], [case.folder for case in cases]):
        assert len(set(names)) == len(names)
    assert {case.kind for case in cases} == set(KINDS)


def test_there_are_enough_of_them() -> None:
    """Accidents, exhaustion, escapes and cheats: 200 at least, most of which have to be refused."""
    hostile = [one for one in load() if one.label == "hostile"]
    assert len([*PAGE.parent.rglob("*.py")]) >= 200  # also those of exercises that are gone
    assert sum(one.verdict == "reject" for one in hostile) >= 150
    assert {case.slug for case in known_cases()} >= {*SAYS}


def test_this_machine_isolates() -> None:
    """Where these tests run, isolation is complete enough for a class."""
    assert probe().reason() is None
