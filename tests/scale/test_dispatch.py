"""What a run on a cluster does about workers that come, go, fail and lie; the cluster is a stand-in."""

from __future__ import annotations

import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.classroom.keys import Keys
from grader.classroom.packing import pack
from grader.classroom.plan import make_plan
from grader.classroom.provenance import Provenance
from grader.classroom.run import grade_class
from grader.classroom.store import ClassStore, open_class_store
from grader.course.catalog import exercises, resolve
from grader.errors import GraderFault, UsageError
from grader.judge import Module
from grader.results import ExerciseResult, Outcome
from grader.scale import dispatch, fleet
from grader.scale.batch import (
    FEWEST,
    MOST,
    Batch,
    Judged,
    answer_bytes,
    answer_in,
    batch_in,
    size_of_batches,
)
from grader.scale.cluster import NoAnswer
from grader.scale.fleet import Fleet
from grader.scale.members import Members
from grader.scale.remote import grade_batch, introduce
from tests.classroom.test_run import Entry, Heard, Text

SEED = 20260
FIRST = exercises()[0].id
BY = Provenance("node", "process 1", "then", "later")
Work = Callable[["Worker", Batch], bytes]


def answered(_worker: Worker, batch: Batch) -> bytes:
    """A pass for everything that is asked."""
    keys, rows = Keys(batch.seed, batch.settings), []
    for one in batch.submissions:
        verdicts = []
        for exercise, content in one.files.items():
            entry = resolve(exercise)
            result = ExerciseResult(exercise, entry.title, 1, Outcome.PASSED)
            data = content if isinstance(content, bytes) else None
            key = keys.of(Module(entry, f"{exercise}.py", data))
            verdicts.append((key, pack(result)))
        rows.append(Judged(one.name, dict.fromkeys(one.files, BY), tuple(verdicts)))
    return answer_bytes(rows)


class Worker:
    """A worker of the stand-in. work: what it does with a batch."""

    def __init__(self, address: str, work: Work = answered, **tells: Any) -> None:
        self.address = address
        self.work = work
        self.batches: list[list[str]] = []
        self.tells = {
            "process": f"process of {address}",
            "host": f"host of {address}",
            "python": "ours",
            "course": "ours",
            "layers": [["Landlock", True, ""], ["seccomp", True, ""]],
            "walls": ["landlock", "seccomp"],
            "bwrap": False,
            "lacking": "",
            **tells,
        }

    def told(self) -> Any:
        return self.tells

    def imported(self) -> None:
        """What comes of the import that each worker is asked for first; "without" says what lacks."""
        if "without" in self.tells:
            raise NoAnswer(self.tells["without"])


class Told:
    """A ticket of the stand-in."""

    def __init__(self, address: str, answer: Callable[[], Any], *, is_batch: bool) -> None:
        self.address = address
        self.answer = answer
        self.is_batch = is_batch
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


class Stand:
    """A stand-in for a cluster, which has done a task when it is asked whether one has ended."""

    name = "stand-in"
    topic = "topic"

    def __init__(self, *workers: Worker) -> None:
        self.there = {one.address: one for one in workers}
        self.tickets: deque[Told] = deque()
        self.tells: list[tuple[int, int]] = []
        self.pauses = 0
        self.gone = False

    def workers(self) -> dict[str, int]:
        if self.gone:
            raise GraderFault("The scheduler is gone.")
        return dict.fromkeys(self.there, 1)

    def ask(self, address: str, question: Any, *arguments: Any) -> Any:
        def answer() -> Any:
            worker = self.there[address]
            if question is introduce:
                return worker.told()
            if question is not grade_batch:
                return worker.imported()
            batch = batch_in(arguments[0])
            worker.batches.append([one.name for one in batch.submissions])
            return worker.work(worker, batch)

        ticket = Told(address, answer, is_batch=question is grade_batch)
        self.tickets.append(ticket)
        return ticket

    def left_over(self) -> list[Told]:
        """The batches that nobody waits for and that were not dropped."""
        return [one for one in self.tickets if one.is_batch and not one.dropped]

    def told(self) -> list[tuple[int, int]]:
        """What was told of batches, each by its number, and how much of it is graded."""
        told, self.tells = self.tells, []
        return told

    def ended(self, _seconds: float) -> Any:
        if self.pauses and any(one.is_batch for one in self.tickets):
            self.pauses -= 1
            return None
        alive = [one for one in self.tickets if one.address in self.there and not one.dropped]
        if not alive:
            return None
        self.tickets.remove(alive[0])
        return alive[0]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look counts, and patience is short."""
    for module in (fleet, dispatch):
        monkeypatch.setattr(module, "GLANCE", 0.0)
    monkeypatch.setattr(fleet, "MEETING", 0.2)
    monkeypatch.setattr(dispatch, "LONELY", 0.2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClassStore]:
    """An empty store."""
    with open_class_store(tmp_path / "grading.sqlite3") as opened:
        yield opened


def met(stand: Stand, *, trust: bool = False, said: list[str] | None = None) -> Fleet:
    """The workers of a stand-in."""
    met_ = Fleet(stand, Members("ours", "ours", trust=trust), None)  # type: ignore[arg-type]
    met_.gather(said.append if said is not None else (lambda _line: None))
    return met_


def entries(count: int) -> list[Entry]:
    """So many submissions to one exercise."""
    return [Entry(f"s{number:03}", {FIRST: Text(b"%d" % number)}) for number in range(count)]


def graded(store: ClassStore, stand: Stand, submissions: Sequence[Entry], crew: Fleet) -> Heard:
    """Grade a class on the stand-in."""
    heard = Heard(store)
    keys = Keys(SEED, "{}")
    plan = make_plan([resolve(FIRST)], submissions, store, keys, worker={}, jobs=1)
    run = store.begin(SEED, ["class"])
    grade_class(plan, store, run, heard, engine=dispatch.engine_on(crew))
    assert stand.left_over() == []
    return heard


def outcomes(store: ClassStore) -> Counter[Outcome]:
    """The outcomes of all submissions."""
    return Counter(each.outcome for one in store.everything([FIRST]) for each in one.exercises)


def times(stand: Stand, *more: Worker) -> Counter[str]:
    """How often each submission was graded."""
    workers = {*stand.there.values(), *more}
    return Counter(name for one in workers for batch in one.batches for name in batch)


# -- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pending", "workers", "size"),
    [(1, 8, 1), (12, 3, 4), (200, 3, 67), (600, 3, 50), (10_000, 3, 100), (10_000, 100, 50)],
)
def test_the_size_of_batches(pending: int, workers: int, size: int) -> None:
    """All workers have work; in a large class several batches each, none too large or too small."""
    assert size_of_batches(pending, workers) == size


def test_sizes_keep_their_bounds() -> None:
    """Whatever the class and the cluster."""
    for workers in (1, 2, 7, 64, 1000):
        for pending in (1, 49, 50, 51, 999, 12_345, 1_000_000):
            size = size_of_batches(pending, workers)
            assert 1 <= size <= MOST
            assert size >= FEWEST or size * workers >= pending


# -- as it should be ------------------------------------------------------------------------------


def test_everybody_is_graded_once(store: ClassStore) -> None:
    """By all workers; who graded what is in the store, and the audience hears of each."""
    stand = Stand(*(Worker(f"w{number}") for number in range(3)))
    heard = graded(store, stand, entries(400), met(stand))
    assert outcomes(store) == {Outcome.PASSED: 400}
    assert set(times(stand).values()) == {1}
    assert all(worker.batches for worker in stand.there.values())
    assert sorted(heard.graded_names) == [one.name for one in entries(400)]
    for name in ("s000", "s399"):
        stored = store.stored(name)
        assert stored is not None
        (verdict,) = stored.verdicts
        assert verdict.provenance.host == "node"
        assert verdict.provenance.worker.endswith(", process 1")
    again = graded(store, stand, entries(400), met(stand))
    assert again.began_with == (400, 0)


def test_what_is_graded_in_a_batch_is_told(store: ClassStore) -> None:
    """While it is under way, by the worker that has it; nothing is believed of other batches."""
    stand = Stand(Worker("a"))
    crew = met(stand)
    stand.tells, stand.pauses = [(0, 1), (7, 3)], 1
    assert graded(store, stand, entries(2), crew).advances == [(0, 1)]


def test_large_sources_make_small_batches(
    store: ClassStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one message would hold has a bound; a single submission is sent whatever its size."""
    monkeypatch.setattr(dispatch, "LARGEST", 100)
    stand = Stand(Worker("w"))
    sizes = [60, 60, 30, 10, 500, 1]
    handed = [Entry(f"s{n}", {FIRST: Text(b"x" * size)}) for n, size in enumerate(sizes)]
    graded(store, stand, handed, met(stand))
    assert stand.there["w"].batches == [["s0"], ["s1", "s2", "s3"], ["s4"], ["s5"]]
    assert outcomes(store) == {Outcome.PASSED: len(sizes)}


# -- lost and failing -----------------------------------------------------------------------------


def lost(stand: Stand) -> Work:
    """Work in the middle of which the worker is gone."""

    def work(worker: Worker, _batch: Batch) -> bytes:
        stand.there.pop(worker.address, None)
        raise NoAnswer("the connection is closed")

    return work


def test_a_lost_worker_costs_a_second_try(store: ClassStore) -> None:
    """The batch goes to another one."""
    stand = Stand(Worker("a"), Worker("b"))
    gone = stand.there["a"]
    gone.work = lost(stand)
    heard = graded(store, stand, entries(10), met(stand))
    assert outcomes(store) == {Outcome.PASSED: 10}
    assert max(times(stand, gone).values()) == 2
    assert [what for what, _ in heard.failures] == ["5 on host of a"]


def test_two_lost_workers_leave_the_batch_ungraded(store: ClassStore) -> None:
    """Nobody is graded a third time, though a machine is there; the next run grades them."""
    stand, gone = Stand(Worker("a")), []

    def one_after_the_other(worker: Worker, _batch: Batch) -> bytes:
        gone.append(stand.there.pop(worker.address))
        last = len(gone) == 2
        name = "bc"[len(gone) - 1]
        stand.there[name] = Worker(name, answered if last else one_after_the_other)
        raise NoAnswer("the connection is closed")

    stand.there["a"].work = one_after_the_other
    graded(store, stand, entries(3), met(stand))
    assert outcomes(store) == {Outcome.UNGRADED: 3}
    assert times(stand, *gone) == {"s000": 2, "s001": 2, "s002": 2}
    (_, reason), *_ = store.ungraded()
    assert reason == "Given up after 2 machines: b on host of b: the connection is closed"
    graded(store, stand, entries(3), met(stand))
    assert outcomes(store) == {Outcome.PASSED: 3}


def test_a_worker_that_fails_gets_no_other_batch(store: ClassStore) -> None:
    """It would be through with all of them before others have graded one."""
    stand = Stand(Worker("bad", lambda _worker, _batch: answer_bytes((), "the disk is full")))
    stand.there["good"] = Worker("good")
    crew = met(stand)
    graded(store, stand, entries(400), crew)
    assert len(stand.there["bad"].batches) == 1
    assert outcomes(store) == {Outcome.PASSED: 400}
    assert crew.rows() == [("bad on host of bad", "takes no work: the disk is full")]


def test_what_a_failing_worker_graded_counts(store: ClassStore) -> None:
    """Only the rest of its batch is graded again."""

    def half(worker: Worker, batch: Batch) -> bytes:
        whole = answer_in(answered(worker, batch))
        return answer_bytes(whole.submissions[:2], "the disk is full")

    stand = Stand(Worker("bad", half), Worker("good"))
    graded(store, stand, entries(10), met(stand))
    assert Counter(times(stand).values()) == {1: 7, 2: 3}
    assert outcomes(store) == {Outcome.PASSED: 10}


def other_keys(worker: Worker, batch: Batch) -> bytes:
    """Verdicts of another version."""
    return answered(worker, replace(batch, settings="other"))


@pytest.mark.parametrize(
    "work",
    [
        other_keys,
        lambda _worker, _batch: b"nonsense",
        lambda _worker, _batch: answer_bytes(()),
        lambda _worker, _batch: zlib.compress(b"[]"),
        lambda _worker, _batch: zlib.compress(b'{"trouble": ""}\n["s0", {}, []]'),
        lambda _worker, batch: answer_bytes(
            Judged(one.name, {}, (("key", b"no verdict"),)) for one in batch.submissions
        ),
    ],
    ids=["other keys", "noise", "nothing", "list", "other fields", "no verdicts"],
)
def test_only_what_was_asked_for_is_believed(store: ClassStore, work: Work) -> None:
    """Anything else is a worker that fails."""
    stand = Stand(Worker("bad", work), Worker("good"))
    graded(store, stand, entries(10), met(stand))
    assert outcomes(store) == {Outcome.PASSED: 10}
    assert len(stand.there["bad"].batches) == 1


def test_a_worker_that_was_started_anew(store: ClassStore) -> None:
    """At the same address: it is asked who it is, and goes on."""
    stand = Stand(Worker("a"))
    crew = met(stand)

    def again(worker: Worker, batch: Batch) -> bytes:
        worker.tells["process"] = "another"
        known = batch.process == "another"
        return answered(worker, batch) if known else answer_bytes((), "anew", gone=True)

    stand.there["a"].work = again
    graded(store, stand, entries(4), crew)
    assert outcomes(store) == {Outcome.PASSED: 4}
    assert crew.rows() == []


def test_a_worker_that_comes_later(store: ClassStore) -> None:
    """It has work as all others; one that may not grade has none."""
    stand = Stand(Worker("a"))
    crew = met(stand)
    late, wrong = Worker("late"), Worker("wrong", python="another")
    stand.there |= {"late": late, "wrong": wrong}
    graded(store, stand, entries(900), crew)
    assert late.batches
    assert wrong.batches == []
    assert set(times(stand).values()) == {1}


def test_nobody_is_left(store: ClassStore) -> None:
    """The run ends with the reasons; what was graded stays."""
    stand = Stand(Worker("a"))
    crew = met(stand)
    count = []

    def second(worker: Worker, batch: Batch) -> bytes:
        count.append(1)
        return answered(worker, batch) if len(count) < 2 else answer_bytes((), "out of memory")

    stand.there["a"].work = second
    with pytest.raises(GraderFault, match="out of memory"):
        graded(store, stand, entries(400), crew)
    assert outcomes(store)[Outcome.PASSED] == 50


def test_the_scheduler_goes(store: ClassStore) -> None:
    """The run ends, and nothing of it is left in the cluster."""
    stand = Stand(Worker("a"))
    crew = met(stand)

    def last(worker: Worker, batch: Batch) -> bytes:
        stand.gone = True
        return answered(worker, batch)

    stand.there["a"].work = last
    with pytest.raises(GraderFault, match="scheduler"):
        graded(store, stand, entries(400), crew)
    assert stand.left_over() == []


def test_the_scheduler_goes_with_an_answer(store: ClassStore) -> None:
    """That is no worker's failure, and no try of the batch."""
    stand = Stand(Worker("a"))
    crew = met(stand)

    def cancelled(_worker: Worker, _batch: Batch) -> bytes:
        stand.gone = True
        raise NoAnswer("FutureCancelledError")

    stand.there["a"].work = cancelled
    with pytest.raises(GraderFault, match="scheduler"):
        graded(store, stand, entries(3), crew)
    assert crew.rows() == []


# -- who grades -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tells", "reason"),
    [
        ({"python": "CPython 3.11.0"}, "CPython 3.11.0 there, ours here"),
        ({"course": "older"}, "another version of the course"),
        ({"lacking": "Not working here: x."}, "cannot be isolated there. Not working here: x."),
    ],
)
def test_nobody_may_grade(tells: dict[str, Any], reason: str) -> None:
    """Each one's reason is said before anything is graded."""
    stand = Stand(Worker("a"), Worker("b"))
    for one in stand.there.values():
        one.tells |= tells
    with pytest.raises(UsageError) as raised:
        met(stand)
    assert str(raised.value).count(reason) == 2


def test_nobody_came() -> None:
    """What to start is said."""
    with pytest.raises(UsageError, match="dask worker"):
        met(Stand())


def test_what_is_waited_for_is_said() -> None:
    """At once, with what to start and how to stop."""
    said: list[str] = []
    with pytest.raises(UsageError):
        met(Stand(), said=said)
    assert "python -m dask worker stand-in" in said[0]
    assert "Ctrl-C" in said[0]


def test_a_worker_that_has_no_course() -> None:
    """It is asked nothing of ours, which would end it, and is named with the command that mends it."""
    missing = "ModuleNotFoundError: No module named 'grader'"
    stand = Stand(Worker("a", without=missing), Worker("b"))
    stand.there["a"].told = lambda: pytest.fail("it was asked who it is")  # type: ignore[method-assign]
    crew = met(stand)
    ((who, why),) = crew.rows()
    assert who == "a"
    assert missing in why
    assert 'pip install "WHEEL[scale]"' in why
    assert list(crew.members.present) == ["b"]


def test_a_scheduler_that_has_no_course() -> None:
    """Its workers import the course, and still cannot say who they are."""
    stand = Stand(Worker("a"))

    def unknown() -> Any:
        raise NoAnswer("ModuleNotFoundError: No module named 'grader'")

    stand.there["a"].told = unknown  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="The scheduler needs the course as well"):
        met(stand)


def test_a_worker_that_ends_when_it_is_asked() -> None:
    """It is named, though it is not there any more."""
    stand = Stand(Worker("a"), Worker("b"))
    stand.there["a"].imported = lambda: stand.there.pop("a")  # type: ignore[assignment,method-assign]
    ((who, why),) = met(stand).rows()
    assert who == "a"
    assert "ended before it said who it is" in why


def test_the_walls_of_most_count() -> None:
    """Whoever has others takes no work, for its verdicts would have other fingerprints."""
    stand = Stand(Worker("a", bwrap=True), Worker("b"), Worker("c"))
    crew = met(stand)
    assert not crew.layers.sandbox.bwrap
    ((who, why),) = crew.rows()
    assert who == "a on host of a"
    assert "its walls are landlock, seccomp, bubblewrap, those of the others" in why


def test_trusted_submissions_need_no_walls() -> None:
    """As on one machine."""
    stand = Stand(Worker("a", lacking="none", walls=[]))
    assert met(stand, trust=True).rows() == []
