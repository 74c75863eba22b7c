"""`init`, and what the other commands say where the package is installed."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from grader.cli import installed
from grader.cli.invocation import invocation
from grader.course import catalog
from tests.cli.conftest import NAMES, Judge, Run


def test_it_starts_a_folder(run: Run, desk: Path) -> None:
    """The stubs are there, and the next steps are said."""
    ran = run("init")
    assert (ran.code, ran.err) == (0, "")
    stubs = sorted(path.stem for path in (desk / "exercises").iterdir())
    assert stubs == list(NAMES)
    assert f"open exercises/{NAMES[0]}.py" in ran.out
    assert "cd " not in ran.out
    marker = json.loads((desk / ".grader" / "course.json").read_text(encoding="utf-8"))
    assert marker["python"] == sys.executable
    assert set(marker["files"]) > {f"exercises/{name}.py" for name in NAMES}


def test_a_named_folder(run: Run, desk: Path) -> None:
    """It may be new, or hold other things; the way there is said."""
    (desk / "mine" / ".venv").mkdir(parents=True)
    ran = run("init", "mine")
    assert ran.code == 0
    assert "  cd mine\n" in ran.out
    assert (desk / "mine" / "exercises").is_dir()


@pytest.mark.parametrize("name", ["exercises", "README.md", "noxfile.py", ".gitignore", ".grader"])
def test_it_touches_nothing_that_is_there(run: Run, desk: Path, name: str) -> None:
    """What is in the way is named, and nothing is written at all."""
    (desk / "mine").mkdir()
    (desk / "mine" / name).write_text("mine", encoding="utf-8")
    ran = run("init", "mine")
    assert (ran.code, ran.out) == (2, "")
    assert f"already holds {name}: nothing was touched" in ran.err
    assert [path.name for path in (desk / "mine").iterdir()] == [name]


def test_not_twice(run: Run, mine: Path) -> None:
    """A course folder is not made again, nor one in it by mistake."""
    assert "You are in a course folder already" in run("init").err
    assert "`update` brings what is new or missing" in run("init", str(mine)).err


def test_where_it_cannot_be(run: Run, desk: Path) -> None:
    """A file in the place of the folder, or of one above it."""
    (desk / "file").touch()
    assert "no folder. Name another one" in run("init", "file").err
    ran = run("init", "file/below")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "could not be written" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="there it cannot be deleted")
def test_in_a_folder_that_is_gone(run: Run, desk: Path) -> None:
    """It is said, and no traceback is shown."""
    desk.rmdir()
    for words in (("init",), ("init", "mine"), ("list",), ("doctor",)):
        ran = run(*words)
        assert ran.err.count("\n") <= 1
    assert "The current folder cannot be used" in run("init").err


def test_a_start_that_was_cut_short(run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`update` brings the rest."""
    real = Path.open

    def full(self: Path, *words: str, **named: str) -> object:
        if self.name == f"{NAMES[1]}.py":
            raise OSError(28, "No space left on device", str(self))
        return real(self, *words, **named)  # type: ignore[call-overload]  # as it was called

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        assert "No space left on device" in run("init", "mine").err
    monkeypatch.chdir(desk / "mine")
    assert "put back: it was missing" in run("update").out
    assert len(list((desk / "mine" / "exercises").iterdir())) == len(NAMES)


def test_not_in_a_clone(run: Run, course: Path) -> None:
    """A clone is its own course folder."""
    assert course.is_dir()
    assert "clone of the course" in run("init").err
    assert "git pull" in run("update").err


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("words", [(), ("list",), ("watch",), ("reset", "1"), ("update",)])
def test_no_course_folder(run: Run, words: tuple[str, ...]) -> None:
    """The error says how to get one."""
    ran = run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "make one: python -m grader init" in ran.err


def test_from_below(run: Run, mine: Path, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest course folder above is meant; its exercises are the learner's own."""
    deep = mine / "exercises" / "notes"
    deep.mkdir()
    monkeypatch.chdir(deep)
    assert run("1").code == 0
    assert fake.folder == mine / "exercises"
    assert "1 of 3 exercises done" in run("list").out
    assert (mine / ".grader" / "progress.sqlite3").is_file()


def test_another_folder_needs_none(run: Run, desk: Path, fake: Judge) -> None:
    """`--from` grades anywhere, and remembers nothing."""
    (desk / "ada").mkdir()
    assert run("1", "--from", "ada").code == 0
    assert fake.folder == Path("ada")
    assert [path.name for path in desk.iterdir()] == ["ada"]


def test_doctor(run: Run, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which folder it looks at, or that there is none."""
    assert f"3exercisesin{mine}" in "".join(run("doctor").out.split())
    monkeypatch.chdir(mine.parent)
    assert "this is no course folder" in " ".join(run("doctor").out.split())


@pytest.mark.usefixtures("desk")
def test_authors_need_a_clone(run: Run) -> None:
    """There are no sources to work on."""
    assert "works in a clone" in run("dev", "stubs").err


def test_a_damaged_package(run: Run, desk: Path) -> None:
    """What the package has lost does not come back by Git."""
    (desk.parent / "grader" / "course" / NAMES[0] / "stub.txt").unlink()
    catalog.pristine.cache_clear()
    assert "Install the course again" in run("init").err


def test_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what the package's metadata say, and no riddle without them."""
    monkeypatch.setattr(metadata, "version", lambda _name: "1.2")
    assert installed.installed_version() == "1.2"

    def lost(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", lost)
    assert installed.installed_version() == "unknown"


class _Distribution:
    """What is installed, as far as it is asked for."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    def read_text(self, _name: str) -> str | None:
        if self._url is None or not self._url.startswith("git+"):
            return None if self._url is None else json.dumps({"url": self._url})
        url, _, revision = self._url.removeprefix("git+").partition("@")
        source = {"vcs": "git"} | ({"requested_revision": revision} if revision else {})
        return json.dumps({"url": url, "vcs_info": source})


@pytest.mark.parametrize(
    ("typed", "prefix", "url", "proposed"),
    [
        ("/venv/bin/backpressure", "/venv", None, "backpressure"),
        ("C:/venv/Scripts/backpressure.exe", "/venv", None, "backpressure"),
        ("backpressure-and-retries", "/venv", None, "backpressure-and-retries"),
        ("pytest", "/venv", None, "python -m grader"),
        ("backpressure", "/uv/archive-v0/x1", None, "uvx backpressure-and-retries"),
        (
            *("backpressure", "/uv/archive-v0/x1", "file:///my%20own/b.whl"),
            "uvx --from '/my own/b.whl' backpressure",
        ),
        (
            *("backpressure", "/home/me/.local/pipx/.cache/1f", "git+https://example.org/b"),
            "pipx run --spec git+https://example.org/b backpressure",
        ),
        (
            *("backpressure", "/home/me/.cache/pipx/1f", None),
            "pipx run backpressure-and-retries",
        ),
        ("backpressure", "/home/me/.local/pipx/venvs/b", None, "backpressure"),
        (
            *("backpressure", "/uv/archive-v0/x1", "git+https://example.org/b@v2"),
            "uvx --from git+https://example.org/b@v2 backpressure",
        ),
    ],
)
def test_commands_are_proposed_as_they_were_typed(
    monkeypatch: pytest.MonkeyPatch, typed: str, prefix: str, url: str | None, proposed: str
) -> None:
    """Also where the command exists for one run only."""
    monkeypatch.delenv("GRADER_COMMAND", raising=False)
    monkeypatch.setattr(sys, "argv", [typed])
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(metadata, "distribution", lambda _name: _Distribution(url))
    monkeypatch.setenv("UV", "/bin/uv")
    assert invocation().command("hint ex1") == f"{proposed} hint ex1"
