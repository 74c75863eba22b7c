"""The recipes for serving inside other systems, run as these systems run them."""

from __future__ import annotations

import atexit
import compileall
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from grader.course.catalog import find_root, tracks
from grader.runner.sandbox import isolation_or_reason, probe
from tests.export.schemas import CLASSROOM50, EXERCISM, GRADESCOPE
from tests.test_hostile import NOBODY, USERS, _as_plain_user

pytestmark = pytest.mark.proof  # what the recipes run is measured elsewhere

ROOT = find_root()
DOCS = ROOT / "docs"
BASH = shutil.which("bash")
IDS = [entry.id for entry in tracks()["lesson"]]  # which the recipes grade

needs_walls = pytest.mark.skipif(
    sys.platform != "linux" or BASH is None or isolation_or_reason() is not None,
    reason="needs bash, and isolation",
)


# -- a place to grade in ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a recipe grades: its folders, and what is typed there.

    source: the grader, and what lies beside it. modules: what was handed in. results: where the
    verdicts go, in the file `verdicts`. command: runs in the folder `cwd`.
    """

    home: Path
    source: Path
    modules: Path
    verdicts: Path
    command: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    schema: Mapping[str, Any]

    def grade(self, user: str = "oneself", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the recipe as it was shipped, as this user."""
        before = () if user == "oneself" else _as_plain_user()
        if before:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        # Coverage of another user's process could not be written down: this folder is not that user's.
        left_out = ("TERM", "COLUMNS", *(("COVERAGE_PROCESS_CONFIG",) if before else ()))
        kept = {k: v for k, v in os.environ.items() if k not in left_out}
        return subprocess.run(
            [*before, *self.command],
            cwd=self.cwd,
            env={**kept, "HOME": str(self.home), **self.environment, **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def hand_in(self, sources: Mapping[str, str]) -> None:
        """Write these modules, by the ids of their exercises."""
        for exercise, source in sources.items():
            (self.modules / f"{exercise}.py").write_text(source, encoding="utf-8")

    def marks(self) -> dict[str, tuple[int, int]]:
        """The points of each exercise and how many there are; also that nothing lies beside them."""
        beside = [path.name for path in self.verdicts.parent.glob("*result*")]
        assert beside == [self.verdicts.name]
        data = json.loads(self.verdicts.read_text(encoding="utf-8"))
        Draft202012Validator(self.schema).validate(data)
        rows = data["tests"]
        return {
            name: (sum(row["score"] for row in mine), sum(row[_most(row)] for row in mine))
            for name in IDS
            if (mine := [row for row in rows if _is_of(row, name)])
        }

    def tree(self) -> dict[str, str]:
        """Everything in the source and in what was handed in, byte for byte."""
        paths = [path for folder in (self.source, self.modules) for path in folder.rglob("*")]
        return {str(path): _seen(path) for path in sorted(paths)}


def _most(row: Mapping[str, Any]) -> str:
    return "max_score" if "max_score" in row else "max-score"


def _is_of(row: Mapping[str, Any], exercise: str) -> bool:
    label = str(row.get("name") or row.get("test-name"))
    return label.startswith(exercise.partition("_")[0])


def _seen(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return f"{path.is_symlink()} {path.is_dir()}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that other users may enter, once it is theirs; pytest's own they may not."""
    folder = Path(tempfile.mkdtemp(prefix="grader-home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _compiled_grader() -> Path:
    """The grader, compiled, to be copied: that is done once, since it takes as long as a test."""
    kept = tempfile.TemporaryDirectory(prefix="grader-compiled-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name) / "grader"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "grader", folder, ignore=ignored)
    compileall.compile_dir(folder, quiet=2)
    return folder


def _copy_grader(source: Path, *files: Path) -> None:
    """What an instructor puts there: the grader, and files beside it; no solutions.

    Compiled, so that every file that is new or changed afterwards is a submission's doing.
    """
    source.mkdir(parents=True)
    for file in (ROOT / "pyproject.toml", *files):
        shutil.copy(file, source)
    shutil.copytree(_compiled_grader(), source / "grader")


def _gradescope(home: Path) -> Place:
    source, results = home / "source", home / "results"
    _copy_grader(source, DOCS / "gradescope" / "run_autograder")
    for folder in (results, home / "submission"):
        folder.mkdir()
    # As bad as it can be: the script has to see to it that nobody else writes there.
    for path in (results, source, *source.rglob("*")):
        path.chmod(path.stat().st_mode | 0o022)
    return Place(
        *(home, source, home / "submission", results / "results.json"),
        (str(BASH), str(source / "run_autograder")),
        home,
        {"AUTOGRADER": str(home), "PYTHON": sys.executable},
        GRADESCOPE,
    )


def _classroom50(home: Path) -> Place:
    source, learner = home / "bundle", home / "learner"
    _copy_grader(source, DOCS / "classroom50" / "autograder.py")
    (learner / "exercises").mkdir(parents=True)
    return Place(
        *(home, source, learner / "exercises", learner / "result.json"),
        (sys.executable, str(source / "autograder.py")),
        learner,
        {"PYTHON": sys.executable},
        CLASSROOM50,
    )


RECIPES = {"gradescope": _gradescope, "classroom50": _classroom50}


@pytest.fixture(params=RECIPES)
def place(request: pytest.FixtureRequest, home: Path) -> Place:
    """Each system in turn; an old file of full marks lies where the verdicts go."""
    made = RECIPES[request.param](home)
    made.verdicts.write_text('{"score": 1000, "tests": []}', encoding="utf-8")
    return made


def _solutions(*names: str) -> dict[str, str]:
    return {name: (ROOT / "solutions" / f"{name}.py").read_text("utf-8") for name in names or IDS}


def _earned(marks: Mapping[str, tuple[int, int]]) -> set[str]:
    """The exercises with any points."""
    return {name for name, (points, _most) in marks.items() if points}


# -- an honest submission --------------------------------------------------------------------------


@needs_walls
@pytest.mark.parametrize("user", USERS)
def test_a_right_submission(place: Place, user: str) -> None:
    """It has full marks, and the grader is as it was before."""
    place.hand_in(_solutions())
    before = place.tree()
    done = place.grade(user)
    assert done.returncode == 0, done.stderr
    marks = place.marks()
    assert list(marks) == IDS
    assert all(points == most > 0 for points, most in marks.values())
    assert place.tree() == before
    assert done.stderr == ""


@needs_walls
def test_a_wrong_submission(place: Place) -> None:
    """Its verdicts say so; the exit code does not."""
    place.hand_in({**_solutions(), IDS[0]: "import nothing\n"})
    done = place.grade()
    assert done.returncode == 0, done.stderr
    assert _earned(place.marks()) == set(IDS[1:])


@needs_walls
def test_gradescopes_folders_are_ours_alone(home: Path) -> None:
    """The script takes everybody else's right to write away."""
    place = _gradescope(home)
    place.hand_in(_solutions(IDS[0]))
    place.grade()
    paths = [place.verdicts.parent, place.source, *place.source.rglob("*")]
    assert not [path for path in paths if path.stat().st_mode & 0o022]


# -- hostile ones ----------------------------------------------------------------------------------

STRIKE = '''
import os, pathlib, threading

def put(path, text):
    """Write a file by whatever way there is."""
    mine = path + ".mine"
    for attempt in (
        lambda: os.chmod(os.path.dirname(path), 0o777),
        lambda: os.chmod(path, 0o666),
        lambda: os.makedirs(os.path.dirname(path), exist_ok=True),
        lambda: pathlib.Path(path).write_text(text),
        lambda: pathlib.Path(mine).write_text(text),
        lambda: os.replace(mine, path),
        lambda: os.symlink(path, path + ".link"),
        lambda: os.rename(os.path.dirname(path), os.path.dirname(path) + ".old"),
    ):
        try:
            attempt()
        except OSError:
            pass

def strike():
    for path, text in {targets!r}.items():
        put(path, text)

def again():
    while True:
        strike()

strike()
threading.Thread(target=again, daemon=True).start()
{wrong}
'''
WRONG = "raise RuntimeError('held back')"

ALL_RIGHT = """

import json
def {name}(exercises, *_rest):
    tests = [
        {{"name": c.title, "score": c.max_score, "max_score": c.max_score, "status": "passed"}}
        for r in exercises for c in r.checks
    ]
    return json.dumps({{"tests": tests}})
"""
MARK = "grader_hostile_mark"


def _exporters(place: Place) -> dict[str, str]:
    """What gives the verdicts their form."""
    names = ("to_gradescope", "to_classroom50")
    folder = ROOT / "grader" / "export"
    return {
        str(place.source / "grader" / "export" / f"{name}.py"): (
            (folder / f"{name}.py").read_text("utf-8") + ALL_RIGHT.format(name=name)
        )
        for name in names
    }


def _verdicts(place: Place) -> dict[str, str]:
    """The verdicts themselves, and the name under which they are written at first."""
    full = {"score": 63, "tests": [{"name": "all", "score": 63, "max_score": 63}]}
    names = (place.verdicts.name, f".{place.verdicts.name}.part", "release-body.md")
    return {str(place.verdicts.parent / name): json.dumps(full) for name in names}


def _checks(place: Place) -> dict[str, str]:
    """The checks, their bytecode, and the stubs as they were handed out."""
    folders = [place.source / "grader" / "course" / name for name in IDS]
    tag = sys.implementation.cache_tag
    return {
        **{str(folder / "checks.py"): "from grader.course.api import *\n" for folder in folders},
        **{str(folder / "__pycache__" / f"checks.{tag}.pyc"): "no bytecode" for folder in folders},
        **{str(folder / "stub.txt"): "" for folder in folders},
    }


def _own_and_pythons(place: Place) -> dict[str, str]:
    """What was handed in itself, and wherever Python looks for modules."""
    folders = [place.source, place.modules, place.home, Path(sysconfig.get_path("purelib"))]
    return {
        **{str(place.modules / f"{name}.py"): text for name, text in _solutions().items()},
        **{str(folder / f"{MARK}.py"): "" for folder in folders},
        str(place.source / "sitecustomize.py"): "import os; os._exit(0)",
        str(place.modules / "pytest.py"): "",
        str(place.home / ".local" / "lib" / "usercustomize.py"): "",
    }


ATTACKS = dict(zip(IDS[:-1], (_exporters, _verdicts, _checks, _own_and_pythons), strict=False))
UNHARMED = set(IDS) - set(ATTACKS)


def _hostile(place: Place) -> dict[str, str]:
    """An attack in some exercises; the others are right."""
    modules = {
        name: STRIKE.format(targets=targets(place), wrong=WRONG)
        for name, targets in ATTACKS.items()
    }
    return {**_solutions(), **modules}


@needs_walls
@pytest.mark.parametrize("user", USERS)
def test_a_submission_that_rewrites_whatever_it_can(place: Place, user: str) -> None:
    """It changes nothing, and has the points that it has earned: those of the right module."""
    place.hand_in(_hostile(place))
    before = place.tree()
    done = place.grade(user)
    assert done.returncode == 0, done.stderr
    marks = place.marks()
    assert list(marks) == IDS
    assert _earned(marks) == UNHARMED
    assert all(marks[name][0] == marks[name][1] for name in UNHARMED)
    assert place.tree() == before
    left = [*Path(sysconfig.get_path("purelib")).glob(f"{MARK}*"), *place.home.glob(f"{MARK}*")]
    assert left == []


def test_without_walls_it_would_change_its_marks(home: Path) -> None:
    """The tests of this module prove something: trusted, the same attack gets through."""
    place = _gradescope(home)
    attack = STRIKE.format(targets=_exporters(place), wrong=WRONG)
    place.hand_in({IDS[0]: attack})
    before = place.tree()
    words = ("--trust-submissions", "--from", str(place.modules), "--gradescope", str(home / "g"))
    subprocess.run(
        [sys.executable, "-B", "-m", "grader", "grade", IDS[0], *words],
        cwd=place.source,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        check=False,
    )
    assert place.tree() != before


@needs_walls
def test_a_link_to_solutions_is_not_followed(place: Place) -> None:
    """Solutions that lie about on the machine are nobody's submission."""
    place.hand_in(_solutions(*IDS[1:]))
    (place.modules / f"{IDS[0]}.py").symlink_to(ROOT / "solutions" / f"{IDS[0]}.py")
    assert place.grade().returncode == 0
    assert _earned(place.marks()) == set(IDS[1:])


def test_a_folder_that_is_a_link_is_not_followed(home: Path) -> None:
    """The same for the whole folder, in a checkout that the learner made."""
    place = _classroom50(home)
    shutil.copytree(ROOT / "solutions", place.source / "solutions")
    place.modules.rmdir()
    place.modules.symlink_to(place.source / "solutions")
    place.verdicts.mkdir()
    done = place.grade()
    assert done.returncode != 0
    assert "hand in the folder itself" in done.stderr
    assert not place.verdicts.exists()


@needs_walls
def test_a_checkout_cannot_stand_in_for_python(home: Path) -> None:
    """Modules in the learner's checkout are not taken for the grader's, or for Python's."""
    place = _classroom50(home)
    for name in ("subprocess", "tempfile", "pytest", "grader", "pip", "sitecustomize"):
        (place.cwd / f"{name}.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    place.hand_in({IDS[0]: "import nothing\n"})
    done = place.grade(PYTHONPATH=str(place.source / "nowhere"))
    assert done.returncode == 0, done.stderr
    assert _earned(place.marks()) == set()


# -- where nothing can be graded -------------------------------------------------------------------

NO_WALLS = '''\
#!{python}
"""Python on a machine that can isolate nothing.

Landlock takes 16 layers and no more: they are used up here, by rules that forbid next to nothing. Within
them nothing can be mounted, so that bubblewrap does not work either.
"""
import ctypes, os, struct, sys

libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)  # no new privileges
block_devices = struct.pack("Q", 1 << 11)
for _ in range(16):
    rules = libc.syscall(444, block_devices, ctypes.c_size_t(8), 0)
    libc.syscall(446, rules, 0)
    os.close(rules)
os.execv({python!r}, [{python!r}, *sys.argv[1:]])
'''


@pytest.fixture
def python_without_walls(home: Path) -> Path:
    """An interpreter that is called python, in a folder of its own."""
    layers = {layer.name: layer.active for layer in probe().all}
    if not layers.get("Landlock"):
        pytest.skip("needs Landlock, to use it up")
    python = home / "bin" / "python"
    python.parent.mkdir()
    python.write_text(NO_WALLS.format(python=sys.executable), encoding="utf-8")
    python.chmod(0o755)
    return python


@needs_walls
def test_without_walls_nothing_is_graded(place: Place, python_without_walls: Path) -> None:
    """It says what is missing and what to install, and leaves no points, old ones neither."""
    place.hand_in(_solutions())
    before = place.tree()
    done = place.grade(PYTHON=str(python_without_walls))
    assert (done.returncode, done.stdout) == (2, "")
    for part in ("cannot be isolated", "Landlock", "apt install bubblewrap"):
        assert part in done.stderr
    assert list(place.verdicts.parent.glob("*result*")) == []
    assert place.tree() == before


@needs_walls
def test_what_the_grader_cannot_grade_is_no_zero(place: Place) -> None:
    """A fault of the grader leaves no verdicts, old ones neither."""
    with (place.source / "grader" / "course" / IDS[2] / "checks.py").open(
        "a", encoding="utf-8"
    ) as file:
        file.write("\nraise RuntimeError('broken')\n")
    place.hand_in(_solutions())
    done = place.grade()
    assert done.returncode == 3
    assert "was not written" in done.stderr
    assert list(place.verdicts.parent.glob("*result*")) == []


# -- GitHub Actions --------------------------------------------------------------------------------

WORKFLOW = yaml.safe_load((DOCS / "github-actions" / "grade.yml").read_text(encoding="utf-8"))
STEPS: Sequence[dict[str, Any]] = WORKFLOW["jobs"]["grade"]["steps"]


@pytest.fixture
def workspace(home: Path) -> Path:
    """A job's folder when both repositories are checked out; the learner's has a grader too."""
    _copy_grader(home / "course")
    shutil.copytree(ROOT / "solutions", home / "learner" / "exercises")
    for name in ("grader", "pytest"):
        (home / "learner" / name).mkdir()
        (home / "learner" / name / "__main__.py").write_text("raise SystemExit(0)", "utf-8")
    return home


def _work(workspace: Path, python: Path = Path(sys.executable)) -> subprocess.CompletedProcess[str]:
    """Run the step that grades, in the way in which a runner does."""
    (step,) = [one for one in STEPS if "grader grade" in one.get("run", "")]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(BASH), "-e", "-c", step["run"]],
        cwd=workspace / step["working-directory"],
        env={**os.environ, "PATH": path, "HOME": str(workspace)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_actions_keep_grader_and_submission_apart() -> None:
    """The grader comes from the course without its solutions, and no token stays in a checkout."""
    course, learner = [step["with"] for step in STEPS if "checkout" in step.get("uses", "")]
    assert {"repository", "ref"} <= set(course)
    assert (course["path"], course["sparse-checkout"]) == ("course", "grader")
    assert (learner["path"], "repository" in learner) == ("learner", False)
    assert course["persist-credentials"] is learner["persist-credentials"] is False
    assert {step["working-directory"] for step in STEPS if "run" in step} == {"course"}
    assert WORKFLOW["permissions"] == {"contents": "read"}


@needs_walls
@pytest.mark.skipif(
    not (Path(sys.executable).parent / "python").exists(), reason="needs a Python called python"
)
@pytest.mark.parametrize("hostile", [False, True])
def test_actions(workspace: Path, hostile: bool) -> None:
    """A push passes when everything does; a submission changes nothing but its own verdict."""
    verdicts = workspace / "verdicts.json"
    place = Place(
        *(workspace, workspace / "course", workspace / "learner" / "exercises", verdicts),
        *((), workspace, {}, {}),
    )
    if hostile:
        place.hand_in(_hostile(place))
    before = place.tree()
    done = _work(workspace)
    assert done.returncode == (10 if hostile else 0), done.stderr
    data = json.loads(verdicts.read_text(encoding="utf-8"))
    points = {row["exercise"]: row["score"] for row in data["exercises"]}
    assert {name for name in IDS if points[name]} == (UNHARMED if hostile else set(IDS))
    assert "<testsuite " in (workspace / "verdicts.xml").read_text(encoding="utf-8")
    assert place.tree() == before


@needs_walls
def test_actions_without_walls(workspace: Path, python_without_walls: Path) -> None:
    """The push is not marked as passed, and there are no verdicts."""
    done = _work(workspace, python_without_walls)
    assert done.returncode == 2
    assert "apt install bubblewrap" in done.stderr
    assert list(workspace.glob("verdicts*")) == []


def test_actions_do_not_follow_a_link_to_solutions(workspace: Path) -> None:
    """Where the course is checked out there are none to lead to."""
    shutil.rmtree(workspace / "learner" / "exercises")
    (workspace / "learner" / "exercises").symlink_to(workspace / "course" / "solutions")
    if BASH is None:
        pytest.skip("needs bash")
    assert _work(workspace).returncode == 2


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_scripts_for_gradescope_can_be_read(name: str) -> None:
    """Bash finds no fault with them before it runs them."""
    subprocess.run([str(BASH), "-n", str(DOCS / "gradescope" / name)], check=True)


# -- the formats ----------------------------------------------------------------------------------


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


OTHERS = (
    "authoring.md",
    "instructors.md",
    "many-machines.md",
)  # about other commands, and tested elsewhere


def test_the_recipes_use_options_that_there_are() -> None:
    """Whatever the documents tell to type, the command's help knows."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in DOCS.rglob("*")
        if path.is_file()
        and path.suffix != ".svg"
        and path.name not in OTHERS
        and path.parent.name != "many-machines"
    ]
    typed = {word for text in texts for word in re.findall(r"(?<=\s)--[a-z][a-z0-9-]*", text)}
    ours = {"--from", "--gradescope", "--exercism", "--junit", "--classroom50", "--json", "--all"}
    ours |= {"--trust-submissions", "--weather"}
    pips = {"--upgrade", "--group", "--no-install-recommends"}
    assert typed <= ours | pips
