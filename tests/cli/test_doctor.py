"""`doctor`: what works here, and what to do where something does not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from grader.cli import doctor
from grader.runner.learner import Learner
from grader.runner.sandbox import Layer, Layers, Sandbox
from grader.runner.stops import Stop
from tests.cli.conftest import NAMES, Run


def _row(out: str, area: str) -> str:
    """The row of one area, with its advice."""
    lines = out.splitlines()
    place = next(n for n, line in enumerate(lines) if line[2:].startswith(area))
    below = lines[place + 1] if lines[place + 1].startswith("   ") else ""
    return f"{lines[place]} {below.strip()}"


def test_all_is_well(run: Run, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything works each area has a row, and a real module has run both ways."""
    for name in NAMES:
        (course / "solutions" / f"{name}.py").touch()
    monkeypatch.setenv("EDITOR", "nano")
    ran = run("doctor")
    assert ran.code == 0
    for area in ("Python", "pytest", "rich", "course", "progress", "subprocess", "signs", "keys"):
        assert _row(ran.out, area).startswith("✔")
    assert "a first scenario took" in _row(ran.out, "subprocess")
    assert "opens nano" in _row(ran.out, "editor")


def test_files_that_are_missing(run: Run, course: Path) -> None:
    """They are named, with the way to get them back."""
    (course / "exercises" / f"{NAMES[0]}.py").unlink()
    row = _row(run("doctor").out, "course")
    assert NAMES[0] in row
    assert row.startswith("!")


def test_a_course_without_checks(run: Run, course: Path) -> None:
    """Without its checks nothing can be graded."""
    (course / "grader" / "course" / NAMES[1] / "checks.py").unlink()
    from grader.course import catalog  # noqa: PLC0415 - its cache is this test's business

    catalog.exercises.cache_clear()
    ran = run("doctor")
    assert (ran.code, _row(ran.out, "course")[0]) == (3, "✘")
    assert "Nothing can be graded" in ran.out


def test_a_package_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to have it installed is said."""
    version = importlib.metadata.version

    def without_rich(name: str) -> str:
        if name == "rich":
            raise importlib.metadata.PackageNotFoundError
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without_rich)
    ran = run("doctor")
    assert (ran.code, "nox -s grade" in ran.out) == (3, True)


def test_progress_that_cannot_be_kept(run: Run, course: Path) -> None:
    """A store that cannot be used is told, and is no reason not to grade."""
    (course / ".grader").touch()
    ran = run("doctor")
    assert (ran.code, _row(ran.out, "progress")[0]) == (0, "!")


def test_processes_that_fail(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started the other way is named; without any nothing can be graded."""

    async def stopped(_learner: Learner, _scenario: object) -> Stop:
        return Stop("exit", "It ended.")

    monkeypatch.setattr(Learner, "run", stopped)
    ran = run("doctor")
    assert "does not work: It ended. Use --no-fork." in _row(ran.out, "fork server")
    assert (ran.code, _row(ran.out, "subprocess")[0]) == (3, "✘")


def test_a_system_without_fork(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """There subprocesses serve, and nothing is amiss."""
    monkeypatch.delattr(os, "fork")
    ran = run("doctor")
    assert (ran.code, "cannot fork" in _row(ran.out, "fork server")) == (0, True)


class _Stream:
    """A terminal of some kind."""

    def __init__(self, encoding: str, *, tty: bool = True) -> None:
        self.encoding = encoding
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.mark.parametrize(
    ("encoding", "columns", "variables", "words"),
    [
        ("utf-8", 100, {}, ["100 columns", "can show", "shown"]),
        ("utf-8", 40, {}, ["60 columns wide"]),
        ("cp1252", 80, {"NO_COLOR": "1"}, ["PYTHONIOENCODING", "as NO_COLOR asks"]),
        ("nonsense", 80, {"TERM": "dumb"}, ["has no ✔", "none here"]),
    ],
)
def test_terminals(
    encoding: str,
    columns: int,
    variables: dict[str, str],
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a terminal can show is looked up where it is known."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": str(columns), **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", _Stream(encoding))
    found = [doctor._terminal(), doctor._signs(), doctor._colours()]
    said = " ".join(f"{finding.words} {finding.advice}" for finding in found)
    assert all(word in said for word in words)


def test_no_keys_and_no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without single keys lines will do; without an editor the variable is named."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    assert "Enter" in doctor._keys().advice
    assert "EDITOR" in doctor._editor().advice


@pytest.mark.parametrize(
    ("active", "said"),
    [
        ({"Landlock", "seccomp"}, "enough for `class`: Landlock, seccomp; not bubblewrap (none)"),
        ({"seccomp"}, "not enough for strangers' code"),
    ],
)
def test_isolation(active: set[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether strangers' code can be shut in here, by which layers, and what is missing."""
    names = ("Landlock", "seccomp", "bubblewrap")
    layers = tuple(Layer(name, name in active, "none") for name in names)
    monkeypatch.setattr(doctor, "probe", lambda: Layers(layers, Sandbox(())))
    (finding,) = doctor._isolation()
    assert said in finding.words
    assert bool(finding.advice) is (active == {"seccomp"})
