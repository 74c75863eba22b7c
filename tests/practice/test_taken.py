"""What a learner built is taken out whole: it works as before, without what belongs to the course."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import Entry, exercises, pristine
from grader.practice.taken import taken_along
from grader.results import Outcome
from tests.grading import grade_sources

ROOT = Path(__file__).parent.parent.parent
TAKEN = [entry for entry in exercises() if entry.takeaway is not None]

SOURCE = '''"""The assignment."""

from __future__ import annotations

import asyncio
import sys; import time
import unused
from typing import Any as Anything, TypeVar

_T = TypeVar("_T")
LIMIT: int = 3
OTHER = 4


# A comment that goes with it.
@decorated
async def work(item: "Alias", *, limit=LIMIT) -> Anything:
    """What it does."""
    return helper(item, time.monotonic())


def decorated(function):
    return function


def helper(item, now):
    return f"""
{item}
"""


Alias = dict[str, int]
print("at import", OTHER)


# --- The demo ---


async def demo() -> None:
    await work(1)


if __name__ == "__main__":
    asyncio.run(demo())
'''


def test_what_is_used_stays() -> None:
    """Names in annotations, decorators and defaults, too; the text is as it was."""
    text = taken_along(SOURCE, ["work"], "What it is.")
    tree = ast.parse(text)
    assert ast.get_docstring(tree) == "What it is."
    defined = [getattr(node, "name", "") for node in tree.body]
    assert [name for name in defined if name] == ["work", "decorated", "helper"]
    assert "LIMIT: int = 3" in text
    assert "Alias = dict[str, int]" in text
    assert "# A comment that goes with it.\n@decorated\nasync def work" in text
    assert "{item}\n" in text
    assert 'print("at import", OTHER)' in text
    assert "OTHER = 4" in text
    assert all(word not in text for word in ("assignment", "unused", "demo", "__main__", "_T ="))


STUB = """\
def work():
    # What stays, whoever wrote it.
    x = 1  # TODO: not on a line of its own
    # TODO: make it so.
    # And then so.
    return x
"""
MINE = """\
def work():
    # What stays, whoever wrote it.
    if True:
        # TODO: make it so.
        # And then so.
        # A word of my own.
        x = 2
    # TODO: mine
    return "# TODO: make it so."
"""


def test_the_assignments_comments_go() -> None:
    """What the stub says is to be done is left out where it still stands; the learner's words stay."""
    text = taken_along(MINE, ["work"], "", STUB)
    gone = [line for line in MINE.splitlines() if line not in text.splitlines()]
    assert gone == ["        # TODO: make it so.", "        # And then so."]


def test_no_python() -> None:
    """It is said so, and not half of it taken."""
    with pytest.raises(ValueError, match="no Python"):
        taken_along("def (", ["work"], "")


@pytest.mark.once
@pytest.mark.parametrize("entry", TAKEN, ids=lambda entry: entry.id)
def test_taken_along_it_works_as_before(entry: Entry, tmp_path: Path) -> None:
    """The reference passes its checks as it is taken along, and the tests that go with it."""
    folder = _with_the_tasks_left_in(tmp_path / "learner")
    command = (sys.executable, "-m", "grader", "export", str(tmp_path), "--from", str(folder))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert entry.takeaway is not None
    (tests,) = (path.name.removesuffix(".txt") for path in entry.takeaway.glob("test_*"))
    module = tmp_path / tests.removeprefix("test_")
    assert "demo" not in module.read_text(encoding="utf-8")
    assert "TODO" not in module.read_text(encoding="utf-8")
    assert "-m unittest\n" in done.stdout
    result = grade_sources({entry.id: module.read_text(encoding="utf-8")})[entry.id]
    assert result.outcome is Outcome.PASSED, result.first_failure
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    pytest_s = (sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", tests)
    alone = (sys.executable, "-S", "-m", "unittest", "-v", module.stem.join(("test_", "")))
    for way in (pytest_s, alone):  # -S: no library is installed
        done = subprocess.run(way, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Ran 0 tests" not in done.stderr


def _with_the_tasks_left_in(folder: Path) -> Path:
    """The references, each with the stub's comments on what is to be done in its last function's body."""
    folder.mkdir()
    for entry in TAKEN:
        lines = (ROOT / "solutions" / f"{entry.id}.py").read_text(encoding="utf-8").splitlines()
        tasks = [line for line in pristine(entry.id).splitlines() if "# TODO" in line]
        last = max(n for n, line in enumerate(lines) if line.startswith("async def run_"))
        body = next(n for n, line in enumerate(lines) if n > last and "await" in line)
        text = "\n".join([*lines[:body], *tasks, *lines[body:], ""])
        (folder / f"{entry.id}.py").write_text(text, encoding="utf-8")
    return folder


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file of the same name stays as it is, and no other is written; the same again is no harm."""
    command = (sys.executable, "-m", "grader", "export", str(tmp_path), "--from", "solutions")

    def export() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert export().returncode == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert export().returncode == 0
    own = tmp_path / names[0]
    own.write_text("mine\n", encoding="utf-8")
    for name in names[1:]:
        (tmp_path / name).unlink()
    done = export()
    assert (done.returncode, [path.name for path in tmp_path.iterdir()]) == (2, [names[0]])
    assert f"There is already {own}" in done.stderr
    assert own.read_text(encoding="utf-8") == "mine\n"
