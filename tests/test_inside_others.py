"""The recipes for serving inside other systems, run as these systems run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from grader.catalog import find_root
from tests.export.schemas import CLASSROOM50, EXERCISM, GRADESCOPE

ROOT = find_root()
DOCS = ROOT / "docs"
BASH = shutil.which("bash")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("broken", "code"), [(False, 0), (True, 0)])
def test_gradescope(tmp_path: Path, broken: bool, code: int) -> None:
    """A zip without solutions grades what lies in `submission`, right or wrong."""
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(DOCS / "gradescope" / "run_autograder", source)
    (source / "grader").symlink_to(ROOT / "grader")
    shutil.copytree(ROOT / "solutions", tmp_path / "submission")
    if broken:
        (tmp_path / "submission" / "ex1_add_maxsize.py").write_text("import nothing\n", "utf-8")
    done = subprocess.run(
        [str(BASH), str(source / "run_autograder")],
        env={**os.environ, "AUTOGRADER": str(tmp_path), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    Draft202012Validator(GRADESCOPE).validate(data)
    failed = [test for test in data["tests"] if test["status"] == "failed"]
    assert bool(failed) is broken


def grade(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Grade the reference of the first exercise, from some folder."""
    return subprocess.run(
        [sys.executable, "-m", "grader", "ex1", "--from", str(ROOT / "solutions"), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CLASSROOM": "cs1", "OWNER": "anna"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_grade_writes_every_format(tmp_path: Path) -> None:
    """All at once, beside the screen; a runner's environment ends up in Classroom 50's file."""
    words = ["--gradescope", "g.json", "--classroom50", "c.json", "--exercism", "e.json"]
    done = grade(tmp_path, *words, "--junit", "j.xml")
    assert done.returncode == 0, done.stderr
    assert "10 of 10 points" in done.stdout
    for name, schema in (("g", GRADESCOPE), ("c", CLASSROOM50), ("e", EXERCISM)):
        data = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema).validate(data)
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert (data["classroom"], data["owner"], data["score"]) == ("cs1", "anna", 10)
    assert "<testsuite " in (tmp_path / "j.xml").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """It is named, with exit code 2."""
    done = grade(tmp_path, "--junit", str(tmp_path / "nowhere" / "j.xml"))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_the_recipes_use_options_that_there_are() -> None:
    """Whatever the documents tell to type, the command's help knows."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in DOCS.rglob("*")
        if path.is_file() and path.suffix != ".svg"
    ]
    typed = {word for text in texts for word in re.findall(r"(?<=\s)--[a-z0-9-]+", text)}
    ours = {"--from", "--gradescope", "--exercism", "--junit", "--classroom50", "--json", "--all"}
    pips = {"--upgrade", "--group", "--quiet", "--user", "--no-install-recommends"}
    assert typed <= ours | pips
