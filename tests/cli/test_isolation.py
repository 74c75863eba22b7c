"""Whose modules are shut in: those of `--from DIR` on Linux, unless they are the course's or trusted."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from grader.cli import isolation, strangers, worker
from grader.cli.folders import sandbox_for
from grader.course.catalog import find_root, resolve
from grader.errors import UsageError
from grader.results import Outcome
from grader.runner.sandbox import Layer, Layers, Sandbox, isolation_or_reason
from tests.cli.conftest import SANDBOX, Judge, Run

ROOT = find_root()
NONE_HERE = Layers(
    (
        Layer("Landlock", active=False, detail="no such kernel"),
        Layer("seccomp", active=True),
        Layer("bubblewrap", active=False, detail="bwrap is not installed"),
    ),
    Sandbox(("seccomp",)),
)

needs_isolation = pytest.mark.skipif(
    sys.platform != "linux" or isolation_or_reason() is not None, reason="needs isolation"
)


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine is, it is taken for one with Linux."""
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.fixture
def without_walls(linux: None, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with Linux that cannot isolate."""
    monkeypatch.setattr(isolation, "probe", lambda: NONE_HERE)
    monkeypatch.setattr(
        isolation, "working_sandbox", lambda: isolation.tried_layers(trust=False).sandbox
    )


@pytest.fixture
def theirs(course: Path) -> Path:
    """A folder of modules that somebody else wrote."""
    folder = course / "theirs"
    (folder / "exercises").mkdir(parents=True)
    return folder


@pytest.mark.usefixtures("fake", "linux")
def test_which_folders(course: Path, theirs: Path) -> None:
    """The course's own by any name, and nothing else: a name proves nothing."""
    (course / "mine").symlink_to(course / "solutions")
    for own in ("exercises", "solutions", "exercises/../solutions", "mine", "./exercises/"):
        assert sandbox_for(Path(own), trust=False) is None, own
    (course / "solutions" / "old").mkdir()
    (course / "grader" / "exercises").symlink_to(theirs)
    for other in (theirs, theirs / "exercises", course, "solutions/old", "grader/exercises"):
        assert sandbox_for(Path(other), trust=False) == SANDBOX, other


@pytest.mark.usefixtures("fake", "linux")
def test_trusted_modules(theirs: Path) -> None:
    """Whoever says so runs them as their own."""
    assert sandbox_for(theirs, trust=True) is None


@pytest.mark.usefixtures("without_walls")
@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems(theirs: Path, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Linux nothing is isolated, and nothing is tried."""
    monkeypatch.setattr(sys, "platform", platform)
    assert sandbox_for(theirs, trust=False) is None


COMMANDS = [("grade",), ("hint", "ex1"), ("solution", "ex1"), ("timeline", "ex1")]


@pytest.mark.usefixtures("theirs", "linux")
@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_that_grades(run: Run, fake: Judge, words: tuple[str, ...]) -> None:
    """They all follow the one rule."""
    seen = []
    for more in (("--from", "theirs"), ("--from", "theirs", "--trust-submissions"), ()):
        run(*words, *more)
        seen.append(fake.sandbox)
    assert seen == [SANDBOX, None, None]


@pytest.mark.usefixtures("theirs", "without_walls")
@pytest.mark.parametrize("words", [*COMMANDS, ("watch",)])
def test_it_declines(run: Run, fake: Judge, words: tuple[str, ...]) -> None:
    """One line says what is missing, what to install, and how to go on; nothing is started."""
    ran = run(*words, "--from", "theirs")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    for part in ("Landlock (no such kernel)", "apt install bubblewrap", "--trust-submissions"):
        assert part in ran.err
    assert "seccomp" not in ran.err
    assert (fake.started, fake.asked) == ([], [])


@pytest.mark.usefixtures("theirs", "without_walls")
def test_ones_own_need_no_isolation(run: Run, fake: Judge) -> None:
    """Learners never hear of it, wherever they are."""
    assert run("grade").code == 0
    assert run("grade", "--from", "solutions").code == 0
    assert len(fake.asked) == 2


def test_isolation_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a while, and a watcher grades again and again."""
    tried: list[Layers] = []

    def probe() -> Layers:
        tried.append(Layers((Layer("bubblewrap", active=True),), SANDBOX))
        return tried[-1]

    monkeypatch.setattr(isolation, "probe", probe)
    isolation.working_sandbox.cache_clear()
    assert isolation.working_sandbox() == isolation.working_sandbox() == SANDBOX
    isolation.working_sandbox.cache_clear()
    assert len(tried) == 1


def test_class_mode_and_grade_decline_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence for both; a class whose submissions are trusted is told what there is."""
    monkeypatch.setattr(isolation, "probe", lambda: NONE_HERE)
    with pytest.raises(UsageError, match="apt install bubblewrap"):
        isolation.tried_layers(trust=False)
    assert isolation.tried_layers(trust=True) is NONE_HERE


@pytest.mark.parametrize("trust", [True, False])
def test_a_watchers_worker_is_told(theirs: Path, *, trust: bool) -> None:
    """The rule is the same in the process that grades for `watch`."""
    words = worker.command(Namespace(folder=theirs, seed=None, fork=True, trust=trust))
    assert words[-1] == ("trust" if trust else "")


# -- on the real course ----------------------------------------------------------------------------


def _python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_ones_own_modules_pay_nothing_for_it() -> None:
    """No sandbox is tried, and nothing of it is imported."""
    code = """
import sys
from grader.cli.program import main
code = main(["ex1", "--from", "solutions", "--json", "-"])
more = ["grader.runner.sandbox", "grader.cli.isolation", "grader.cli.strangers", "grader.judge.flags"]
sys.exit(f"{code}, imported: {[name for name in more if name in sys.modules]}")
"""
    assert _python(code).stderr == "0, imported: []\n"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Modules that fail in various ways, and one that passes."""
    sources = {
        "ex1_add_maxsize": "import nothing\n",
        "ex2_build_retry_loop": (ROOT / "solutions" / "ex2_build_retry_loop.py").read_text("utf-8"),
        "ex4_add_jitter": (ROOT / "exercises" / "ex4_add_jitter.py").read_text("utf-8") + "x = 1\n",
        "ex5_fix_task_done": "while True: pass\n",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    return tmp_path


LATE = """
import sys
from grader.runner import hosts
spawn, loaded = hosts.ForkHost.spawn, []
def noted(host, group=0):
    if not loaded:
        loaded.append(set(sys.modules))
    return spawn(host, group)
hosts.ForkHost.spawn = noted
from grader.cli.program import main
main(sys.argv[1:])
print("late:", *sorted(set(sys.modules) - loaded[0]), file=sys.stderr)
"""


@needs_isolation
@pytest.mark.parametrize(
    "words",
    [
        "grade --gradescope {0}/g --classroom50 {0}/c --exercism {0}/e --junit {0}/j --all",
        "grade --json -",
        "hint ex4",
        "solution ex2",
        "timeline ex4 --svg {0}/a.svg --html {0}/a.html",
        "timeline ex2",
    ],
)
def test_all_is_imported_before_a_strangers_first_line(wrong: Path, words: str) -> None:
    """When their first process is asked for, the judge and all that shows its verdicts are there."""
    done = _python(LATE, *words.format(wrong).split(), "--from", str(wrong))
    assert done.stdout or "--json" in words
    assert done.stderr.splitlines()[-1] == "late:"


@needs_isolation
def test_strangers_are_graded_like_everybody(wrong: Path) -> None:
    """Verdicts are the same, and what is worth a look is flagged."""
    module = wrong / "ex2_build_retry_loop.py"
    module.write_text(f"import socket\n{module.read_text('utf-8')}", encoding="utf-8")
    (wrong / "ex4_add_jitter.py").unlink()
    entries = [resolve("ex1"), resolve("ex2"), resolve("ex4")]
    sandbox = isolation.working_sandbox()
    first, second, third = strangers.grade(entries, wrong, sandbox=sandbox, seed=4).exercises
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.PASSED)
    assert third.outcome is Outcome.MISSING
    assert any("socket" in flag for flag in second.flags)


@needs_isolation
def test_no_link_is_followed(tmp_path: Path) -> None:
    """A link to a solution that lies about on this machine is no submission."""
    name = "ex1_add_maxsize.py"
    (tmp_path / name).symlink_to(ROOT / "solutions" / name)
    sandbox = isolation.working_sandbox()
    (result,) = strangers.grade([resolve("ex1")], tmp_path, sandbox=sandbox, seed=4).exercises
    assert (result.outcome, result.score) == (Outcome.FAILED, 0)
    assert "hand in the file itself" in result.checks[0].message
