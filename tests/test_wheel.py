"""The course without a clone: the wheel, and the folder that `init` makes, as commands are typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from grader.course.catalog import exercises, find_root
from tests.course import Talk, save
from tests.installed import Installed, aged, build_wheel, install
from tests.kills import kill_while_updating

pytestmark = pytest.mark.proof  # and it is an installed grader that runs

ROOT = find_root()
IDS = [entry.id for entry in exercises()]
FIRST = IDS[0]
SOLUTION = (ROOT / "solutions" / f"{FIRST}.py").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this clone."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with the wheel."""
    return install(wheel, tmp_path_factory.mktemp("installed") / "venv")


@pytest.fixture
def folder(installed: Installed, tmp_path: Path) -> Path:
    """A course folder, as it is made in an empty home."""
    done = installed.run(tmp_path, "init", "mine")
    assert done.returncode == 0, done.stderr
    return tmp_path / "mine"


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def _tracked(*patterns: str) -> set[str]:
    """The files of the clone, without what Python and learners leave there."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def test_what_the_wheel_holds(wheel: Path) -> None:
    """The whole package with its data, the references inside of it, and nothing else."""
    names = {name for name in _names(wheel) if ".dist-info/" not in name}
    package = _tracked("grader/**/*")
    brought = _tracked("solutions/ex*.py", "docs/weathers/*", "docs/lesson/**/*", ".vscode/*")
    assert names == package | {f"grader/bundle/{name}" for name in brought}
    assert {name.partition("/")[0] for name in names} == {"grader"}


def test_what_it_says_of_itself(wheel: Path) -> None:
    """Its requirements are those of the groups that the noxfile installs; both commands are there."""
    with zipfile.ZipFile(wheel) as opened:
        about = next(name for name in opened.namelist() if name.endswith("/METADATA"))
        points = next(name for name in opened.namelist() if name.endswith("/entry_points.txt"))
        metadata, commands = opened.read(about).decode(), opened.read(points).decode()
    lines = re.findall(r"^Requires-Dist: (.*)", metadata, re.MULTILINE)
    extra = [line for line in lines if "extra ==" in line]
    needed = {re.split(r"[>=]", line)[0] for line in lines if line not in extra}
    assert needed == {"jinja2", "pytest", "pytest-asyncio", "pyyaml", "rich"}
    (scale,) = extra
    assert re.fullmatch(r"distributed>=[\d.]+; extra == 'scale'", scale)
    assert re.findall(r"^([\w-]+) = grader", commands, re.MULTILINE) == [
        "backpressure",
        "backpressure-and-retries",
    ]


def test_only_the_package_can_be_imported(installed: Installed, tmp_path: Path) -> None:
    """No reference is a module of its own, and no test came along."""
    code = "import importlib.util as u; print([n for n in {} if u.find_spec(n)])"
    names = ["solutions", "exercises", "tests", "noxfile", "hatch_build", FIRST, "grader"]
    done = installed.call(tmp_path, installed.python, "-P", "-c", code.format(names))
    assert done.stdout.strip() == "['grader']", done.stderr


def test_outside_of_a_course_folder(installed: Installed, tmp_path: Path) -> None:
    """What needs a folder says how to make one; what needs none works."""
    for words in ((), ("list",), ("hint", "ex1"), ("watch",), ("reset", "ex1"), ("update",)):
        done = installed.run(tmp_path, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr == (
            "This is no course folder, and none is above it. "
            "Go to yours, or make one: backpressure init\n"
        )
    assert "make one: backpressure init" in installed.run(tmp_path, "doctor").stdout
    assert installed.run(tmp_path, "--help").stdout.startswith("usage: backpressure [COMMAND]")
    assert "works in a clone" in installed.run(tmp_path, "dev", "stubs").stderr
    assert list(tmp_path.iterdir()) == []


def test_init_writes_the_stubs(folder: Path) -> None:
    """Every stub as it is handed out, and what makes it a folder to work in; no reference."""
    for name in IDS:
        given = (ROOT / "exercises" / f"{name}.py").read_bytes()
        assert (folder / "exercises" / f"{name}.py").read_bytes() == given
    tops = {path.name for path in folder.iterdir()}
    assert tops == {".gitignore", ".grader", ".vscode", "README.md", "exercises", "noxfile.py"}
    texts = [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]
    assert not any(SOLUTION in text for text in texts)


def test_the_usual_folder(installed: Installed, tmp_path: Path) -> None:
    """An empty folder is taken as it is; in a full one, and at home, it is one named like the course."""
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    (full / "photos").mkdir(parents=True)
    assert installed.run(empty, "init").returncode == 0
    assert (empty / "exercises").is_dir()
    assert installed.run(full, "init").returncode == 0
    assert (full / "backpressure-and-retries" / "exercises").is_dir()
    home = tmp_path / "home"
    home.mkdir()
    done = installed.call(home, *installed.command("init"), HOME=str(home), USERPROFILE=str(home))
    assert "cd backpressure-and-retries" in done.stdout
    assert (home / "backpressure-and-retries" / "exercises").is_dir()


def test_the_loop_works_in_every_folder_below(installed: Installed, folder: Path) -> None:
    """Grade, hint, timeline, pass, solution, list, reset, doctor, with commands as they were typed."""
    below = folder / "exercises"
    begun = installed.run(below, "ex1")
    assert begun.returncode == 10
    assert "backpressure hint ex1" in begun.stdout
    assert "Hint 1 of 3" in installed.run(folder, "hint", "ex1").stdout
    assert "producer" in installed.run(below, "timeline", "ex1").stdout
    save(folder, FIRST, SOLUTION)
    assert installed.run(below, "ex1").returncode == 0
    assert "the reference" in installed.run(below, "solution", "ex1").stdout
    assert f"1 of {len(IDS)} exercises done" in installed.run(below, "list").stdout
    doctor = installed.run(below, "doctor")
    assert doctor.returncode == 0
    assert f"{len(IDS)} exercises in" in doctor.stdout
    reset = installed.run(below, "reset", "ex1")
    (backup,) = (below / "backups").iterdir()
    assert backup.name in reset.stdout
    assert backup.read_text(encoding="utf-8") == SOLUTION
    assert (folder / ".grader" / "progress.sqlite3").is_file()


def test_files_beside_the_exercises_are_no_modules_of_the_grader(
    installed: Installed, folder: Path
) -> None:
    """A learner may call a file what they like, even in the folder in which the grader starts."""
    for name in ("queue", "random", "typing", "json"):
        (folder / "exercises" / f"{name}.py").write_text("raise SystemExit('mine')\n")
    save(folder, FIRST, SOLUTION)
    assert installed.run(folder / "exercises", "ex1").returncode == 0
    words = installed.command("watch", "ex1")
    with Talk(words, folder / "exercises", installed.env()) as watch:
        watch.hear("passed")
        watch.say("q")
        assert watch.end() == 0


def test_watch_grades_a_save(installed: Installed, folder: Path) -> None:
    """The learner's loop, from the wheel."""
    with Talk(installed.command("watch"), folder, installed.env()) as watch:
        watch.hear("ex1")
        save(folder, FIRST, SOLUTION)
        watch.hear("passed")
        watch.say("q")
        watch.hear(f"1 of {len(IDS)} done. Carry on: backpressure watch")
        assert watch.end() == 0


def test_a_class_without_a_folder(installed: Installed, tmp_path: Path) -> None:
    """Instructors need no course folder, and what learners hand in may be all of theirs."""
    learner = tmp_path / "class" / "ada"
    installed.run(tmp_path, "init", str(learner))
    save(learner, FIRST, SOLUTION)
    aged(learner, IDS[1])
    (learner / "exercises" / f"{IDS[1]}.py").write_text("# mine\n", encoding="utf-8")
    assert installed.run(learner, "update").returncode == 0
    done = installed.run(tmp_path, "class", "class", "--out", "out", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (row,) = data["submissions"]
    outcomes = {one["exercise"]: one["outcome"] for one in row["exercises"]}
    assert outcomes[FIRST] == "passed"
    assert outcomes[IDS[1]] == "failed"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates")
def test_a_folder_that_is_named_may_be_anybodys(installed: Installed, folder: Path) -> None:
    """`--from` isolates, even what has the marker of a course folder; the learner's own is trusted."""
    spy = SOLUTION + "\nimport os\nprint(os.listdir('/etc'))\n"
    save(folder, FIRST, spy)
    own = installed.run(folder, "ex1", "--json", "-")
    named = installed.run(folder, "ex1", "--from", "exercises", "--json", "-")
    assert own.returncode == 0
    assert named.returncode == 10, named.stderr


@pytest.mark.parametrize("session", ["grade", "watch"])
def test_the_noxfile(installed: Installed, folder: Path, session: str) -> None:
    """The stub's own commands work in the folder: with nox, and without it."""
    save(folder, FIRST, SOLUTION)
    nox = [sys.executable, "-m", "nox"]
    bare = [installed.python, "noxfile.py"]
    for front, named in ((nox, "nox"), (bare, r"python[\d.]* noxfile\.py")):
        words = [*front, "-s", session, "--", "ex1"]
        if session == "grade":
            done = installed.call(folder, *words)
            assert done.returncode == 0, done.stdout + done.stderr
            assert re.search(rf"{named} -s grade -- solution ex1", done.stdout)
            assert done.stderr == ""
            continue
        with Talk(words, folder, installed.env()) as watch:
            watch.hear("passed")
            watch.say("q")
            watch.hear(rf"Carry on: {named} -s grade -- watch")
            assert watch.end() == 0


def test_the_noxfile_finds_the_grader(installed: Installed, folder: Path) -> None:
    """The one that made the folder, where neither this Python nor the PATH has one; else it says so."""
    bare = {"PATH": os.defpath}
    command = [sys.executable, "-I", "noxfile.py", "-s", "grade", "--", "list"]
    assert f"{len(IDS)} exercises" in installed.call(folder, *command, **bare).stdout
    assert (
        f"{len(IDS)} exercises" in installed.call(folder, *command[:3], "--", "list", **bare).stdout
    )
    forgot = installed.call(folder, *command[:5], "hint", "ex1", **bare)
    assert (forgot.returncode, forgot.stdout) == (2, "")
    assert "-s grade -- WORDS" in forgot.stderr
    marker = folder / ".grader" / "course.json"
    data = json.loads(marker.read_text(encoding="utf-8"))
    marker.write_text(json.dumps(data | {"python": "/nowhere/python"}), encoding="utf-8")
    lost = installed.call(folder, *command, **bare)
    assert lost.returncode == 2
    assert "Install backpressure-and-retries again" in lost.stderr


def test_update_from_an_older_commit(
    installed: Installed, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder that another wheel has made, as it stands in the middle of the course."""
    clone = tmp_path_factory.mktemp("older") / "clone"
    for name in ("grader", "solutions", ".vscode"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    stubs = {name: clone / "grader" / "course" / name / "stub.txt" for name in IDS}
    for stub in stubs.values():
        stub.write_bytes(b"# Of an older version.\n" + stub.read_bytes())
    older = install(build_wheel(clone / "dist", clone), tmp_path_factory.mktemp("older") / "venv")
    older.run(tmp_path, "init", "mine")
    folder = tmp_path / "mine"
    untouched, edited, finished, deleted, dropped, backed_up = IDS[:6]
    mine = {name: (folder / "exercises" / f"{name}.py") for name in IDS}
    save(folder, edited, "# mine\n")
    solution = (ROOT / "solutions" / f"{finished}.py").read_text(encoding="utf-8")
    save(folder, finished, solution)
    save(folder, dropped, "# mine, too\n")
    save(folder, backed_up, "# mine, and backed up\n")
    older.run(folder, finished)
    older.run(folder, dropped)
    older.run(folder, "reset", backed_up)
    mine[deleted].unlink()
    mine[dropped].unlink()

    assert "backpressure update" in installed.run(folder, "list").stderr
    dry = installed.run(folder, "update", "--dry-run")
    assert "Nothing was done" in dry.stdout
    assert mine[untouched].read_bytes() == stubs[untouched].read_bytes()
    done = installed.run(folder, "update")
    assert done.returncode == 0, done.stderr
    assert "-# Of an older version." in done.stdout
    today = {name: (ROOT / "exercises" / f"{name}.py").read_bytes() for name in IDS}
    assert mine[untouched].read_bytes() == today[untouched]
    assert mine[edited].read_text(encoding="utf-8") == "# mine\n"
    assert (folder / "exercises" / f"{edited}.py.new").read_bytes() == today[edited]
    assert mine[finished].read_text(encoding="utf-8") == solution
    assert not (folder / "exercises" / f"{finished}.py.new").exists()
    assert mine[deleted].read_bytes() == today[deleted]
    assert not mine[dropped].exists()
    assert mine[backed_up].read_bytes() == today[backed_up]
    (backup,) = (folder / "exercises" / "backups").iterdir()
    assert backup.read_text(encoding="utf-8") == "# mine, and backed up\n"
    assert installed.run(folder, "list").stderr == ""

    undone = installed.run(folder, "update", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert mine[untouched].read_bytes() == stubs[untouched].read_bytes()
    assert not mine[deleted].exists()
    assert not (folder / "exercises" / f"{edited}.py.new").exists()


@pytest.mark.skipif(os.name == "nt", reason="the kill is a signal")
def test_killed_at_any_moment(installed: Installed, folder: Path) -> None:
    """Nothing of the learner's is lost, every file is whole, and the next command goes on from there."""
    kill_while_updating(installed, folder, kills=8, seed=os.getpid())
