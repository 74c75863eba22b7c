"""A small course in a folder of its own, and a judge that says what a test wants it to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from grader import judge
from grader.cli import isolation, strangers
from grader.cli.program import main
from grader.course import catalog
from grader.course.kit.declare import Exercise
from grader.folder.handout import given
from grader.judge.long_session import RunChecks
from grader.judge.observing import Pick
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome, Why
from grader.runner import early
from grader.runner.sandbox import Sandbox

NAMES = ("ex1_first_steps", "ex2_second_wind", "ex3_third_time_lucky")
HINTS = ("Look.", "Look closer.", "Write `x = 1`.")
SANDBOX = Sandbox(("landlock", "seccomp"))

Judging = Callable[[str, int], ExerciseResult]


@dataclass
class Judge:
    """Stands in for `grader.judge`, and for what grades strangers' modules.

    outcomes: of each exercise by its number, or what gives a result from an id and a seed. error:
    what grading raises. asked: each call's exercises and seed. started: hosts, by whether to fork.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    judging: Judging | None = None
    error: BaseException | None = None
    asked: list[tuple[list[str], int]] = field(default_factory=list)
    started: list[bool] = field(default_factory=list)
    folder: Path | None = None
    fork: bool | None = None
    stubs: bool | None = None
    sandbox: Sandbox | None = None
    run_checks: RunChecks | None = None

    def start_early(self, *, fork: bool = True, sandbox: Sandbox | None = None) -> None:
        self.started.append(fork)

    def grade(
        self,
        entries: Sequence[catalog.Entry],
        folder: Path,
        *,
        seed: int,
        fork: bool = True,
        listener: judge.Listener | None = None,
        stubs: bool = False,
        sandbox: Sandbox | None = None,
        run_checks: RunChecks | None = None,
        pick: Pick | None = None,
    ) -> GradeReport:
        if self.error is not None:
            raise self.error
        self.folder, self.fork, self.stubs, self.sandbox = folder, fork, stubs, sandbox
        self.run_checks = run_checks
        self.asked.append(([entry.id for entry in entries], seed))
        results = [self._judged(entry.id, seed) for entry in entries]
        for result in results:
            _tell(listener or judge.Silent(), result)
        return GradeReport(seed, tuple(results), 5.0)

    def _judged(self, exercise: str, seed: int) -> ExerciseResult:
        if self.judging is not None:
            return self.judging(exercise, seed)
        return result_of(exercise, self.outcomes.get(int(exercise[2]), Outcome.PASSED))


def _tell(listener: judge.Listener, result: ExerciseResult) -> None:
    listener.exercise_started(result.exercise, len(result.checks))
    for check in result.checks:
        listener.check_started(result.exercise, check.title)
        listener.check_ended(result.exercise, check)
    listener.exercise_ended(result)


def result_of(exercise: str, outcome: Outcome) -> ExerciseResult:
    """A result with one check that came out likewise."""
    passed, failed = outcome is Outcome.PASSED, outcome is Outcome.FAILED
    check = CheckResult(
        "test_it",
        "Does it.",
        2,
        outcome if passed or failed else Outcome.NOT_RUN,
        None if passed else Why.EXPECTATION if failed else Why.DEPENDENCY,
        "It was not done." if failed else "",
        hints=HINTS,
        line=1 if failed else None,
    )
    path = f"exercises/{exercise}.py"
    return ExerciseResult(exercise, exercise[4:].title(), 2, outcome, (check,), path, "pass\n")


def without_hints(result: ExerciseResult) -> ExerciseResult:
    """The result, with checks that have no hints."""
    return replace(result, checks=tuple(replace(check, hints=()) for check in result.checks))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """The judge that grades in a test, on a machine that can isolate."""
    stand_in = Judge()
    monkeypatch.setattr(judge, "grade", stand_in.grade)
    monkeypatch.setattr(strangers, "grade", stand_in.grade)
    monkeypatch.setattr(isolation, "working_sandbox", lambda: SANDBOX)
    monkeypatch.setattr(early, "start_early", stand_in.start_early)
    return stand_in


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of three exercises, as its root; it is also the current folder."""
    for folder in ("exercises", "solutions"):
        (tmp_path / folder).mkdir(parents=True)
    for name in NAMES:
        (tmp_path / "exercises" / f"{name}.py").write_text(f"# {name}\n", encoding="utf-8")
        title = name[4:].replace("_", " ").title()
        checks = tmp_path / "grader" / "course" / name / "checks.py"
        checks.parent.mkdir(parents=True)
        checks.write_text(f'EXERCISE = Exercise(title="{title}")\n', encoding="utf-8")
    monkeypatch.setattr(catalog, "find_root", lambda: tmp_path)
    monkeypatch.setattr(
        catalog, "declared", lambda exercise: Exercise(exercise, "lesson", "nothing")
    )
    for variable in ("GRADER_STORE", "GRADER_COMMAND", "COLUMNS", "TERM", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    catalog.exercises.cache_clear()
    catalog.pristine.cache_clear()
    catalog.write_pristine()
    yield tmp_path
    monkeypatch.undo()
    catalog.exercises.cache_clear()
    catalog.pristine.cache_clear()


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(course: Path, fake: Judge, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command of the grader in the small course, with the stand-in for the judge."""

    def command(*words: str) -> Ran:
        capsys.readouterr()
        code = main(words)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return command


@pytest.fixture
def desk(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, which is the current one; the course of three exercises is installed elsewhere."""
    (course / "grader" / "bundle").mkdir()
    (course / "solutions").rename(course / "grader" / "bundle" / "solutions")
    for exercise in NAMES:
        (course / "exercises" / f"{exercise}.py").unlink()
        (course / "grader" / "bundle" / "solutions" / f"{exercise}.py").touch()
    tasks = course / "grader" / "bundle" / ".vscode" / "tasks.json"
    tasks.parent.mkdir()
    tasks.write_text("{}\n", encoding="utf-8")
    folder = course / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    catalog.exercises.cache_clear()
    given.cache_clear()
    yield folder
    given.cache_clear()


@pytest.fixture
def mine(desk: Path, run: Run) -> Path:
    """A course folder that was just started, in which the learner is."""
    assert run("init").code == 0
    return desk
