"""What a worker of a cluster does with a batch; and without a cluster nothing of that is needed."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.classroom.keys import Keys, python_here
from grader.classroom.plan import make_plan
from grader.classroom.provenance import Provenance
from grader.classroom.run import grade_class
from grader.classroom.store import ClassStore, open_class_store
from grader.course.catalog import exercises
from grader.intake import TooLarge
from grader.results import ExerciseResult, Outcome
from grader.scale import remote
from grader.scale.batch import (
    Answer,
    Asked,
    Batch,
    Judged,
    answer_bytes,
    answer_in,
    batch_bytes,
    batch_in,
)
from tests.classroom.support import Command, hand_in, solution
from tests.classroom.test_run import COURSE, IDS, OPEN, Entry, Text, comparable, entry

SEED = 20260
WRONG = "async def run_pipeline():\n    pass\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClassStore]:
    """An empty store."""
    with open_class_store(tmp_path / "grading.sqlite3") as opened:
        yield opened


def batch(*submissions: Asked) -> Batch:
    """A batch for this process."""
    return Batch(remote.PROCESS, SEED, "settings", OPEN, 2, submissions)


def test_batches_travel_as_they_are() -> None:
    """Whatever the name is, and whatever was handed in."""
    one = batch(
        Asked("j\udcf6rg 李", {"a": b"\0\xff", "b": None, "c": "too large"}), Asked("b", {})
    )
    assert batch_in(batch_bytes(one)) == one


def test_answers_travel_as_they_are() -> None:
    """Without verdicts as well; anything else is an error."""
    by = Provenance("host", "process", "then", "now")
    each = {"a": by, "b": replace(by, ended="later")}
    records = (("key", b"\0\xff"), ("another", b""))
    judged = (Judged("j\udcf6rg", each, records), Judged("b", {}, ()))
    answer = answer_in(answer_bytes(judged, "the disk is full", gone=True))
    assert answer == Answer(judged, "the disk is full", gone=True)
    with pytest.raises(ValueError, match="not a worker's answer"):
        answer_in(b"x")
    for record in (b"x", zlib.compress(b"{}"), zlib.compress(b"x"), zlib.compress(b"[]")):
        with pytest.raises(ValueError, match=r"."):
            Judged("c", {}, (("key", record),)).results()


def test_a_batch_is_graded_as_here(store: ClassStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts and their fingerprints are the same, of files that cannot be used as well."""
    monkeypatch.setattr(remote, "_waits", lambda: lambda: True)
    large = Text(b"", TooLarge("it has 300 kB"))
    handed = [entry("right"), entry("wrong", WRONG), Entry("large", {IDS[0]: large}), Entry("none")]
    keys = Keys(SEED, "settings")
    plan = make_plan(COURSE, handed, store, keys, worker=OPEN, jobs=1)
    grade_class(plan, store, store.begin(SEED, ["class"]))
    asked = [
        Asked("right", {IDS[0]: solution(1).encode(), IDS[1]: None}),
        Asked("wrong", {IDS[0]: WRONG.encode(), IDS[1]: None}),
        Asked("large", {IDS[0]: "it has 300 kB", IDS[1]: None}),
        Asked("none", {IDS[0]: None, IDS[1]: None}),
    ]
    answer = answer_in(remote.grade_batch(batch_bytes(batch(*asked))))
    assert (answer.trouble, answer.gone) == ("", False)
    for one in answer.submissions:
        stored = store.stored(one.name)
        assert stored is not None
        here = [(each.key, comparable(each.result())) for each in stored.verdicts]
        assert [(key, comparable(result)) for key, result in one.results()] == here
        assert traced(one.results()) == traced((v.key, v.result()) for v in stored.verdicts)
        assert one.by.keys() == {result.exercise for _, result in one.results()}
        for by in one.by.values():
            assert by.host == os.uname().nodename
            assert by.began <= by.ended
    assert [one.name for one in answer.submissions] == [one.name for one in asked]
    assert any(traced(one.results()) for one in answer.submissions)


def traced(results: Iterable[tuple[str, ExerciseResult]]) -> list[str]:
    """The checks of which a trace came, to draw what happened."""
    checks = [check for _, result in results for check in result.checks]
    return [one.check for one in checks if one.observation.trace is not None]


def test_only_what_is_asked_for_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has its verdict already is neither sent nor graded."""
    monkeypatch.setattr(remote, "_waits", lambda: lambda: True)
    data = batch_bytes(batch(Asked("anna", {IDS[1]: None})))
    (one,) = answer_in(remote.grade_batch(data)).submissions
    assert [(result.exercise, result.outcome) for _, result in one.results()] == [
        (IDS[1], Outcome.MISSING)
    ]


def test_a_batch_for_an_earlier_process() -> None:
    """It is not graded: whoever sent it has given it to another one."""
    data = batch_bytes(replace(batch(Asked("anna", {IDS[0]: b""})), process="earlier"))
    answer = answer_in(remote.grade_batch(data))
    assert (answer.submissions, answer.gone) == ((), True)


def test_a_batch_that_nobody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends between two submissions, with all of its processes."""
    looks = iter([True, False])
    monkeypatch.setattr(remote, "_waits", lambda: lambda: next(looks, False))
    with pytest.raises(remote.Abandoned):
        remote.grade_batch(batch_bytes(batch(*(Asked(n, {IDS[0]: b""}) for n in "abc"))))


def test_workers_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is this machine's trouble, and told."""
    monkeypatch.setattr(remote, "_waits", lambda: lambda: True)
    monkeypatch.setattr(remote, "WORKER", (sys.executable, "-c", "raise SystemExit(3)"))
    monkeypatch.setattr("grader.classroom.run.A_MOMENT", 0.0)
    answer = answer_in(remote.grade_batch(batch_bytes(batch(Asked("anna", {IDS[0]: b""})))))
    assert answer.submissions == ()
    assert "No worker can be started" in answer.trouble


def test_what_a_worker_tells() -> None:
    """What grades here, and behind which walls."""
    told = remote.introduce()
    assert told["python"] == python_here()
    assert told["course"] == remote.course_here()
    assert {row[0] for row in told["layers"]} > {"Landlock", "seccomp", "bubblewrap"}


class Shadowed(Command):
    """The command on a machine where the cluster's library cannot be imported."""

    @property
    def environment(self) -> dict[str, str]:
        shadow = self.submissions.parent / "shadow"
        shadow.mkdir(exist_ok=True)
        for name in ("dask", "distributed"):
            text = "raise ImportError('it is not here')\n"
            (shadow / f"{name}.py").write_text(text, encoding="utf-8")
        before = super().environment
        return {**before, "PYTHONPATH": f"{shadow}{os.pathsep}{before['PYTHONPATH']}"}


def test_without_the_extra(tmp_path: Path) -> None:
    """One line says how to install it; without --dask nothing of it is missed."""
    command = Shadowed(tmp_path)
    hand_in(command.submissions, "anna", {exercises()[0].id: solution(1)})
    ran = command.grade("--dask", "local")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert 'pip install "WHEEL[scale]"' in ran.stderr
    assert not command.out.exists()
    assert command.grade().returncode == 0
