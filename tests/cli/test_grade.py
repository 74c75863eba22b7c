"""`grade`: exit codes, what is graded with which seed, and where the verdicts go."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.cli import grading
from grader.errors import GraderFault
from grader.practice import unchanged
from grader.practice.progress import open_store, place
from grader.results import ExerciseResult, Outcome
from tests.cli.conftest import NAMES, Judge, Run, result_of


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.PASSED, 0),
        (Outcome.FAILED, 10),
        (Outcome.NOT_STARTED, 10),
        (Outcome.MISSING, 10),
        (Outcome.UNGRADED, 3),
    ],
)
def test_exit_code(run: Run, fake: Judge, outcome: Outcome, code: int) -> None:
    """0 when all passed, 10 when something does not yet, 3 when the grader could not grade."""
    fake.outcomes = {2: outcome}
    assert run("grade").code == code


def test_ungraded_outranks_failed(run: Run, fake: Judge) -> None:
    """A fault of the grader is never hidden behind an exercise that is not done."""
    fake.outcomes = {1: Outcome.FAILED, 3: Outcome.UNGRADED}
    ran = run()
    assert ran.code == 3
    assert "its fault, not yours" in ran.out


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), NAMES),
        (("grade",), NAMES),
        (("ex2",), NAMES[1:2]),
        (("grade", "3", "--all", "1"), (NAMES[0], NAMES[2])),
        (("lucky", "3", "--seed", "4"), NAMES[2:]),
    ],
)
def test_what_is_graded(run: Run, fake: Judge, words: tuple[str, ...], names: list[str]) -> None:
    """Nothing means all; a first word that is no command names an exercise; order and doubles go."""
    assert run(*words).code == 0
    assert fake.asked[0][0] == list(names)


def test_details(run: Run, fake: Judge) -> None:
    """The first exercise that is not done is shown in full, with `--all` every one."""
    fake.outcomes = {2: Outcome.FAILED, 3: Outcome.FAILED}
    first, everything = run().out, run("--all").out
    assert first.count("It was not done.") == 1
    assert everything.count("It was not done.") == 2
    assert "── ex1" not in first
    assert "── ex1" in everything


def test_says_what_next_as_it_was_called(
    run: Run, fake: Judge, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands to type next are for nox where nox runs it, and name the folder again."""
    fake.outcomes = {2: Outcome.FAILED}
    (course / "a b").mkdir()
    assert "python -m grader hint ex2 --from 'a b'" in run("--from", "a b").out
    monkeypatch.setenv("GRADER_COMMAND", "nox -s grade --")
    assert "nox -s grade -- hint ex2" in run().out


# -- what has passed and has not changed -----------------------------------------------------------


def test_what_has_passed_and_not_changed_is_not_run_again(
    run: Run, fake: Judge, course: Path
) -> None:
    """It is said so, with the option that runs it all the same; a changed file is always run."""
    fake.outcomes = {2: Outcome.FAILED}
    first = run()
    assert "--fresh" not in first.out
    second = run()
    assert fake.asked[1][0] == [NAMES[1]]
    assert "2 exercises had passed before, and nothing has changed since" in " ".join(
        second.out.split()
    )
    assert (second.code, "4/6" in second.out or "4 of 6 points" in second.out) == (10, True)
    run("--fresh")
    assert sorted(name for names, _seed in fake.asked[2:] for name in names) == list(NAMES)
    (course / "exercises" / f"{NAMES[0]}.py").write_text("# another\n", encoding="utf-8")
    fake.asked = []
    run()
    assert sorted(name for names, _seed in fake.asked for name in names) == list(NAMES[:2])
    fake.asked, fake.outcomes = [], {}
    run()
    fake.asked = []
    assert "All of it has passed before" in run().out
    assert fake.asked == []


def test_a_pass_that_is_shown_again_counts(run: Run, fake: Judge, course: Path) -> None:
    """What had passed, was reset, and is restored, is done: in the header and in `list`."""
    run()
    file = course / "exercises" / f"{NAMES[1]}.py"
    passing = file.read_bytes()
    fake.outcomes = {2: Outcome.NOT_STARTED}
    file.write_text("# as it came\n", encoding="utf-8")
    assert "2 of 3 exercises done" in run().out
    fake.outcomes, fake.asked = {}, []
    file.write_bytes(passing)
    assert "3 of 3 exercises done" in run().out
    assert fake.asked == []
    assert "All of them passed" in run("list").out


def test_a_pass_is_not_shown_again_once_its_file_has_failed(run: Run, fake: Judge) -> None:
    """Chance may fail a file that has passed: from then on the failing seed decides."""
    run()
    fake.outcomes = {1: Outcome.FAILED}
    run("--fresh")
    failing = fake.asked[-1][1]
    fake.asked = []
    assert run().code == 10
    assert fake.asked == [([NAMES[0]], failing)]


@pytest.mark.parametrize("words", [("ex1",), ("--seed", "5"), ("--json", "-"), ("--junit", "x")])
def test_what_was_asked_for_is_run(run: Run, fake: Judge, words: tuple[str, ...]) -> None:
    """A single exercise, a seed and another program's format mean a run, not what is stored."""
    run()
    fake.asked = []
    run(*words)
    assert [names[0] for names, _seed in fake.asked] == [NAMES[0]]


def test_another_grader_runs_it_again(
    run: Run, fake: Judge, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict holds for the checks that gave it."""
    run()
    unchanged._course.cache_clear()
    checks = course / "grader" / "course" / NAMES[2] / "checks.py"
    checks.write_text(f"{checks.read_text(encoding='utf-8')}# more\n", encoding="utf-8")
    fake.asked = []
    run()
    assert fake.asked[0][0] == list(NAMES)


def test_a_file_that_is_saved_while_it_is_judged(run: Run, fake: Judge, course: Path) -> None:
    """The verdict is on what was read before: it is not kept for what is there now."""
    file = course / "exercises" / f"{NAMES[0]}.py"

    def judging(exercise: str, _seed: int) -> ExerciseResult:
        file.write_text("# saved meanwhile\n", encoding="utf-8")
        return result_of(exercise, Outcome.PASSED)

    fake.judging = judging
    run()
    fake.asked = []
    run()
    assert fake.asked[0][0] == [NAMES[0]]


# -- seeds -----------------------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh seeds are 100, 101, ..."""
    monkeypatch.setattr(grading, "fresh_seed", iter(range(100, 200)).__next__)


def _fails_with(*seeds: int) -> object:
    def judging(exercise: str, seed: int) -> ExerciseResult:
        fails = exercise == NAMES[1] and seed in seeds
        return result_of(exercise, Outcome.FAILED if fails else Outcome.PASSED)

    return judging


@pytest.mark.usefixtures("fresh")
def test_keeps_the_seed_of_a_failure(run: Run, fake: Judge) -> None:
    """An exercise that failed is judged by the same seed until it passes, then by a fresh one."""
    fake.judging = _fails_with(100)  # type: ignore[assignment]
    assert "seed 100" in run().out
    assert "seed 100" in run("--fresh").out
    assert fake.asked[1:] == [([NAMES[0], NAMES[2]], 101), ([NAMES[1]], 100)]
    fake.judging, fake.asked = None, []
    assert run("ex2").code == 0
    assert fake.asked == [([NAMES[1]], 100), ([NAMES[1]], 102)]
    run("ex2")
    assert fake.asked[2:] == [([NAMES[1]], 103)]


@pytest.mark.usefixtures("fresh")
def test_a_failure_on_confirmation_counts(run: Run, fake: Judge) -> None:
    """What passes with the kept seed and fails with a fresh one has failed, and keeps that one."""
    fake.judging = _fails_with(100)  # type: ignore[assignment]
    run("ex2")
    fake.judging = _fails_with(101)  # type: ignore[assignment]
    ran = run("ex2")
    assert (ran.code, "seed 101" in ran.out) == (10, True)
    run("ex2")
    assert fake.asked[-1][1] == 101


@pytest.mark.usefixtures("fresh")
def test_a_seed_that_is_asked_for(run: Run, fake: Judge) -> None:
    """`--seed` is used for all; passing with it does not settle the failure with another."""
    fake.judging = _fails_with(100)  # type: ignore[assignment]
    run()
    assert run("--seed", "7").code == 0
    assert fake.asked[-1] == (list(NAMES), 7)
    run("ex2")
    assert fake.asked[-1][1] == 100
    assert run("--seed", "100").code == 10


@pytest.mark.usefixtures("fresh")
def test_a_fault_is_no_progress(run: Run, fake: Judge, course: Path) -> None:
    """A fault of the grader leaves what is known of an exercise as it was."""
    fake.judging = _fails_with(100)  # type: ignore[assignment]
    run()
    fake.judging, fake.outcomes = None, {2: Outcome.UNGRADED}
    run()
    with open_store(place(course)) as store:
        known = store.progress()[NAMES[1]]
    assert (known.outcome, known.seed) == (Outcome.FAILED, 100)


def test_fresh_seeds_differ() -> None:
    """Fresh seeds are within their range, and not always the same."""
    seeds = {grading.fresh_seed() for _ in range(20)}
    assert len(seeds) > 1
    assert all(0 <= seed < grading.SEEDS for seed in seeds)


# -- folders ---------------------------------------------------------------------------------------


def test_another_folder_is_nobodys_progress(run: Run, fake: Judge, course: Path) -> None:
    """With `--from` elsewhere nothing is remembered; the exercises' own folder is no elsewhere."""
    fake.outcomes = {2: Outcome.FAILED}
    run("--from", "solutions")
    assert fake.folder == Path("solutions")
    assert not place(course).exists()
    run("--from", "exercises/../exercises")
    assert place(course).exists()


@pytest.mark.parametrize(("name", "words"), [("nowhere", "no folder nowhere"), ("file", "is no f")])
def test_no_such_folder(run: Run, fake: Judge, course: Path, name: str, words: str) -> None:
    """A folder that is not there is one line, before anything is started."""
    (course / "file").touch()
    ran = run("--from", name)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err
    assert fake.started == []


@pytest.mark.parametrize("fork", [True, False])
def test_starts_early(run: Run, fake: Judge, *, fork: bool) -> None:
    """The process that runs submissions is started first, in the way that was asked for."""
    fake.error = GraderFault("no more")
    assert run(*([] if fork else ["--no-fork"])).code == 3
    assert fake.started == [fork]


# -- JSON ------------------------------------------------------------------------------------------


def test_json_on_standard_output(run: Run, fake: Judge) -> None:
    """`--json -` prints the JSON and not a character more."""
    fake.outcomes = {2: Outcome.FAILED}
    ran = run("--json", "-", "--seed", "5")
    data = json.loads(ran.out)
    assert (ran.code, ran.err, data["seed"], data["score"]) == (10, "", 5, 4)
    assert list(data) == ["schema", "seed", "score", "max_score", "passed", "exercises"]


def test_json_in_a_file(run: Run, course: Path) -> None:
    """`--json FILE` writes a file, beside the screen."""
    ran = run("--json", "marks.json")
    assert "6 of 6 points" in ran.out
    assert json.loads((course / "marks.json").read_text(encoding="utf-8"))["passed"] is True


def test_json_in_no_file(run: Run) -> None:
    """A file that cannot be written is one line that says so."""
    ran = run("--json", "nowhere/marks.json")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere/marks.json cannot be written" in ran.err


def test_a_file_is_replaced_whole(run: Run, course: Path) -> None:
    """A link in its place is not followed, and nothing lies beside it."""
    (course / "other.json").write_text("kept", encoding="utf-8")
    (course / "marks.json").symlink_to(course / "other.json")
    (course / ".marks.json.part").symlink_to(course / "other.json")
    assert run("--json", "marks.json").code == 0
    assert not (course / "marks.json").is_symlink()
    assert json.loads((course / "marks.json").read_text(encoding="utf-8"))["passed"] is True
    assert (course / "other.json").read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in course.glob("*.json*")) == [
        *("marks.json", "other.json"),
    ]


@pytest.mark.skipif(not Path(os.devnull).exists(), reason="needs a device that takes everything")
def test_what_is_no_file_is_written_to(run: Run) -> None:
    """A device or a pipe stays what it is."""
    assert run("--json", os.devnull).code == 0
    assert not Path(os.devnull).is_file()


def test_store_that_cannot_be_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress that cannot be kept costs one line on standard error, and no verdict."""
    monkeypatch.setenv("GRADER_STORE", "/dev/null/nowhere/store.sqlite3")
    ran = run("--json", "-")
    assert ran.code == 0
    assert json.loads(ran.out)["passed"] is True
    assert (ran.err.count("\n"), ran.err.startswith("Progress is not kept")) == (1, True)
