"""A class, graded by workers: every verdict as if it were graded alone, whatever the others do."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from grader.class_results import ClassReport, Sender, SubmissionResult, Unused
from grader.classroom import crew
from grader.classroom.keys import Keys
from grader.classroom.plan import Plan, make_plan
from grader.classroom.run import Nobody, grade_class
from grader.classroom.store import ClassStore, Run, open_class_store
from grader.course import catalog
from grader.course.catalog import exercises
from grader.errors import GraderFault
from grader.export.to_csv import to_csv
from grader.export.to_json import class_to_json
from grader.export.to_junit import class_to_junit
from grader.results import ExerciseResult, Observation, Outcome
from tests.classroom.support import sample, solution
from tests.grading import grade_corpus

SEED = 20260
OPEN = {"fork": True, "sandbox": None}
POISONED = (sys.executable, "-m", "tests.classroom.poisoned")
COURSE = exercises()[:2]  # enough for most of these: a worker first reads the checks of all
IDS = [entry.id for entry in COURSE]


@dataclass(frozen=True)
class Text:
    """A file that is in memory."""

    data: bytes
    error: Exception | None = None

    def read(self) -> bytes:
        if self.error is not None:
            raise self.error
        return self.data


@dataclass(frozen=True)
class Entry:
    """A submission that is in memory."""

    name: str
    files: Mapping[str, Text] = field(default_factory=dict)
    senders: tuple[Sender, ...] = ()
    late: bool = False
    unused: tuple[Unused, ...] = ()
    note: str = ""


class Heard(Nobody):
    """Remembers what was said, and asks the store each time whether it knows already."""

    def __init__(self, store: ClassStore) -> None:
        self.store = store
        self.began_with = (-1, -1)
        self.graded_names: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.advances: list[tuple[int, int]] = []

    def began(self, total: int, pending: int) -> None:
        self.began_with = total, pending

    def graded(self, worker: int, result: SubmissionResult) -> None:
        assert set(self.store.keys(result.submission)) or result.ungraded
        self.graded_names.append(result.submission)

    def advanced(self, worker: int, done: int) -> None:
        self.advances.append((worker, done))

    def failed(self, worker: int, submission: str, reason: str) -> None:
        self.failures.append((submission, reason))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClassStore]:
    """An empty store."""
    with open_class_store(tmp_path / "grading.sqlite3") as opened:
        yield opened


def entry(name: str, text: str = "", number: int = 1) -> Entry:
    """A submission to one exercise; the reference, when nothing else is said."""
    return Entry(name, {IDS[number - 1]: Text((text or solution(number)).encode())})


def graded(
    store: ClassStore,
    *entries: Entry,
    seed: int = SEED,
    jobs: int = 2,
    command: tuple[str, ...] = crew.WORKER,
    course: Sequence[catalog.Entry] = COURSE,
) -> tuple[Heard, Run]:
    """Grade a class."""
    heard = Heard(store)
    plan = make_plan(
        course, entries, store, Keys(seed), worker={"fork": True, "sandbox": None}, jobs=jobs
    )
    run = store.begin(seed, ["class"])
    grade_class(replace(plan, command=command), store, run, heard)
    return heard, run


def results(store: ClassStore, run: Run) -> dict[str, SubmissionResult]:
    """What the store knows, by name and in its order."""
    return {one.submission: one for one in store.submissions(run, IDS)}


def comparable(result: ExerciseResult) -> ExerciseResult:
    """Without times, and without where the file was."""
    checks = tuple(replace(one, wall_ms=0.0, observation=Observation()) for one in result.checks)
    return replace(result, checks=checks, wall_ms=0.0, path="")


def test_every_verdict_equals_the_one_given_alone(store: ClassStore) -> None:
    """Right and wrong ones, of every exercise, mixed in one class and in one worker's session."""
    corpus = sample(15)
    entries = [Entry(one.id, {one.exercise: Text(one.path.read_bytes())}) for one in corpus]
    _, run = graded(store, *entries, course=exercises())
    ids = [entry.id for entry in exercises()]
    found = {one.submission: one for one in store.submissions(run, ids)}
    for one, alone in grade_corpus(corpus, SEED):
        verdict = found[one.id].exercises[ids.index(one.exercise)]
        assert comparable(verdict) == comparable(alone), one.id
        assert verdict.outcome is (Outcome.PASSED if one.label == "right" else Outcome.FAILED)


def test_the_order_is_that_of_the_entries(store: ClassStore) -> None:
    """Whoever is done first, the store gives them back as they were taken in."""
    names = ["zoë", "Anna", "李伟", "=bert", "c d"]
    _, run = graded(store, *(entry(name) for name in names), jobs=3)
    assert list(results(store, run)) == names


def test_what_is_known_of_an_entry_is_kept(store: ClassStore) -> None:
    """Senders, lateness, the note and what was not used come back with the verdicts."""
    one = Entry(
        "anna",
        {},
        (Sender("canvas", "7", "Anna", "a1", "a@x.org"),),
        late=True,
        unused=(Unused("notes.txt", "named like no exercise"),),
        note="nothing to grade",
    )
    _, run = graded(store, one)
    (found,) = results(store, run).values()
    assert replace(found, exercises=()) == SubmissionResult(
        "anna", (), one.senders, one.late, one.note, one.unused
    )
    assert {result.outcome for result in found.exercises} == {Outcome.MISSING}
    assert not found.ungraded


def test_a_file_that_cannot_be_read_is_the_senders_failure(store: ClassStore) -> None:
    """Its reason is the verdict's, and the others of the class are graded."""
    broken = Text(b"", ValueError("the zip is encrypted"))
    _, run = graded(store, Entry("anna", {IDS[0]: broken}), entry("bert"))
    anna, bert = results(store, run).values()
    assert anna.exercises[0].outcome is Outcome.FAILED
    assert "encrypted" in anna.exercises[0].note
    assert bert.exercises[0].outcome is Outcome.PASSED


@pytest.mark.parametrize("poison", ["die", "nonsense", "fault"])
def test_poison_costs_nobody_else_anything(store: ClassStore, poison: str) -> None:
    """After three tries it is ungraded, with the reason and its points; all others have theirs."""
    entries = [entry("a"), entry("b", f"# poison: {poison}"), entry("c"), entry("d")]
    heard, run = graded(store, *entries, command=POISONED)
    found = results(store, run)
    assert [found[name].exercises[0].outcome for name in "acd"] == [Outcome.PASSED] * 3
    bad = found["b"].exercises
    assert {one.outcome for one in bad} == {Outcome.UNGRADED}
    assert [name for name, _ in heard.failures] == ["b", "b"]
    assert "3 tries" in bad[0].note
    assert [one.max_score for one in bad] == [one.max_score for one in found["a"].exercises]
    assert store.ungraded(run) == [("b", bad[0].note)]
    assert heard.graded_names.count("b") == 1


def test_a_worker_lost_once_costs_nothing(
    store: ClassStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The submission is tried again in a fresh worker, and gets its verdict."""
    monkeypatch.setenv("POISON_ONCE", str(tmp_path / "once"))
    text = f"# poison: once\n{solution(1)}"
    heard, run = graded(store, entry("a", text), jobs=1, command=POISONED)
    assert results(store, run)["a"].exercises[0].outcome is Outcome.PASSED
    assert [name for name, _ in heard.failures] == ["a"]


def test_a_fault_is_tried_again_by_the_next_run(store: ClassStore) -> None:
    """What was ungraded is graded then, and that is a change to tell."""
    graded(store, entry("a", "# poison: die"), command=POISONED)
    run = store.last_run()
    assert run is not None
    assert run.ended is not None
    heard, run = graded(store, entry("a", "# poison: die"))
    assert heard.began_with == (1, 1)
    (change,) = [one for one in store.changes(run) if one.exercise == IDS[0]]
    assert (change.before, change.after) == (Outcome.UNGRADED, Outcome.FAILED)


def test_no_worker_at_all_ends_the_run(store: ClassStore) -> None:
    """When none comes up, the run says why, and is not over."""
    command = (sys.executable, "-c", "import sys; sys.exit('no such library')")
    with pytest.raises(GraderFault, match="no such library"):
        graded(store, entry("a"), command=command)
    last = store.last_run()
    assert last is not None
    assert last.ended is None


def test_a_worker_that_falls_silent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it hangs, it is given up after a while without a sign of life, and ended."""
    monkeypatch.setattr(crew, "SILENCE", 0.05)
    monkeypatch.setattr(crew, "ENDING", 0.05)
    code = "print('{\"ready\": []}', flush=True); import time; time.sleep(600)"

    async def ask() -> crew.Worker:
        worker = await crew.Worker.start({}, (sys.executable, "-c", code))
        try:
            with pytest.raises(crew.WorkerLost, match="no sign of life"):
                await worker.ask({})
        finally:
            await worker.stop()
        return worker

    worker = asyncio.run(ask())
    assert worker.process.returncode not in (None, 0)


def test_a_second_run_grades_only_what_changed(store: ClassStore) -> None:
    """Only the new file's owner is graded again, and the change is listed, from what to what."""
    wrong = "async def producer(items, q):\n    pass\n"
    graded(store, entry("a"), entry("b", wrong), entry("c"))
    before, _ = graded(store, entry("a"), entry("b", wrong), entry("c"))
    heard, run = graded(store, entry("a"), entry("b"), entry("c"))
    assert (before.began_with, heard.began_with) == ((3, 0), (3, 1))
    assert heard.graded_names == ["b"]
    (change,) = store.changes(run)
    assert (change.submission, change.before, change.after) == ("b", Outcome.FAILED, Outcome.PASSED)
    assert change.score_after == change.max_score > change.score_before


def test_another_seed_grades_everything_again(store: ClassStore) -> None:
    """Verdicts of different draws do not stand side by side."""
    graded(store, entry("a"), entry("b"))
    heard, run = graded(store, entry("a"), entry("b"), seed=SEED + 1)
    assert heard.began_with == (2, 2)
    assert {one.seed for one in results(store, run)["a"].exercises} == {SEED + 1}


def test_who_has_left_the_class_is_not_in_its_results(store: ClassStore) -> None:
    """Their verdicts are kept for when they come back."""
    graded(store, entry("a"), entry("b"))
    _, run = graded(store, entry("b"))
    assert list(results(store, run)) == ["b"]
    heard, run = graded(store, entry("a"), entry("b"))
    assert heard.began_with == (2, 0)
    assert list(results(store, run)) == ["a", "b"]


def test_only_the_trace_to_be_shown_is_kept(store: ClassStore) -> None:
    """One failing check of an exercise keeps what it saw, to be drawn later."""
    one = next(one for one in sample(10, ["wrong"]) if one.exercise == IDS[-1])
    _, run = graded(store, Entry("a", {one.exercise: Text(one.path.read_bytes())}))
    result = results(store, run)["a"].exercises[-1]
    with_trace = [check for check in result.checks if check.observation.trace]
    assert with_trace == [result.first_failure]


def test_a_worker_that_grows_is_replaced(store: ClassStore) -> None:
    """It is done with its submission, whose verdict counts; the next one has a fresh worker."""
    code = (
        "import sys, tests.classroom.poisoned as p; from grader.classroom import worker; "
        "worker.SETTLED = 0; worker.MOST_GROWTH = -1; worker.main()"
    )
    starts: list[object] = []
    start = crew.Worker.start

    async def counted(*arguments: object) -> crew.Worker:
        starts.append(arguments)
        return await start(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crew.Worker, "start", counted)
        heard, _ = graded(
            store, entry("a"), entry("b"), jobs=1, command=(sys.executable, "-c", code)
        )
    assert heard.graded_names == ["a", "b"]
    assert len(starts) == 2


def test_nothing_of_a_submission_is_kept_in_memory(store: ClassStore) -> None:
    """Whatever the size of the class, one or two are there at a time, while it is graded and later."""
    alive: list[int] = []

    class Counting(Heard):
        def graded(self, worker: int, result: SubmissionResult) -> None:
            alive.append(_alive())

    entries = [entry(f"s{number}") for number in range(5)]
    plan = make_plan(COURSE, entries, store, Keys(SEED), worker=OPEN, jobs=2)
    run = store.begin(SEED, [])
    grade_class(plan, store, run, Counting(store))
    report = ClassReport(SEED, tuple(IDS), store.submissions(run, IDS))
    for pieces in (class_to_json(report), to_csv(report), class_to_junit(report.submissions)):
        alive.extend(_alive() for _ in pieces)
    assert max(alive) <= 2


def _alive() -> int:
    """How many submissions' results with verdicts there are in this process."""
    gc.collect()
    found = [one for one in gc.get_objects() if isinstance(one, SubmissionResult)]
    return sum(bool(one.exercises) for one in found)


def test_plans_have_no_more_workers_than_work(store: ClassStore) -> None:
    """For one submission one worker is started, for none none."""
    plan: Plan = make_plan(COURSE, [entry("a")], store, Keys(1), worker={}, jobs=8)
    assert plan.jobs == 1


def test_each_exercise_has_its_own_times(store: ClassStore) -> None:
    """In the store, which says when each verdict was given: one after the other."""
    both = Entry("anna", {IDS[n - 1]: Text(solution(n).encode()) for n in (1, 2)})
    plan = make_plan(COURSE, [both], store, Keys(SEED), worker=OPEN, jobs=1)
    grade_class(plan, store, store.begin(SEED, ["class"]))
    stored = store.stored("anna")
    assert stored is not None
    first, second = (one.provenance for one in stored.verdicts)
    assert first.began <= first.ended <= second.began <= second.ended
    assert first.worker == second.worker
