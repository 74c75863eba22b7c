"""Keeps the verdicts on a class in one SQLite file: no reported verdict is ever lost.

Each submission is committed to disk as a whole before it is reported.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from grader.class_results import SubmissionResult
from grader.classroom.database import full_disk, is_full, open_database
from grader.classroom.packing import pack, unpack
from grader.classroom.provenance import UNKNOWN, Provenance
from grader.classroom.stored import Change, Run, Stored, StoredSubmissions, Verdict
from grader.database import stamp
from grader.errors import GraderFault
from grader.records import submission_from_record, submission_record
from grader.results import ExerciseResult, Outcome

__all__ = ["NAME", "Change", "ClassStore", "Run", "Stored", "Verdict", "open_class_store"]

NAME = "grading.sqlite3"
_Result = tuple[str, int, int]  # outcome, score, max_score


class ClassStore:
    """The verdicts in one database. Open it with `open_class_store`, as a context manager."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    # -- runs -----------------------------------------------------------------------------------

    def last_run(self) -> Run | None:
        """Return the run that was begun last, or None."""
        row = self._row(
            "SELECT run, seed, sources, began, ended, options FROM runs ORDER BY run DESC"
        )
        if row is None:
            return None
        return Run(row[0], row[1], tuple(json.loads(row[2])), row[3], row[4], json.loads(row[5]))

    def begin(
        self,
        seed: int,
        sources: Sequence[str],
        options: Mapping[str, Any] = MappingProxyType({}),
        part: Mapping[str, Any] | None = None,
    ) -> Run:
        """Continue the last run if it was stopped and has this seed; else begin a new one.

        One with verdicts from other sources is not continued: it is known where each comes from.
        part: what to note of the part of a class that this is, as plain data.
        """
        last = self.last_run()
        texts = (json.dumps(sources), json.dumps(dict(options)))
        stopped = last is not None and last.ended is None and last.seed == seed
        goes_on = last is not None and stopped and self._is_of(last, sources)
        with self._writing(), self._database:
            # Together: a store that has a run and no note would be taken for a whole class.
            self._database.execute("BEGIN IMMEDIATE")
            if part is not None:
                self._database.execute("DELETE FROM part")
                packed = zlib.compress(json.dumps(dict(part)).encode())
                self._database.execute("INSERT INTO part VALUES (?)", (packed,))
            if last is not None and goes_on:
                self._database.execute(
                    "UPDATE runs SET sources = ?, options = ? WHERE run = ?", (*texts, last.number)
                )
            else:
                self._database.execute(
                    "INSERT INTO runs (seed, sources, options, began) VALUES (?, ?, ?, ?)",
                    (seed, *texts, stamp()),
                )
        run = self.last_run()
        assert run is not None
        return run

    def _is_of(self, run: Run, sources: Sequence[str]) -> bool:
        """Return True for a run of these sources, and for one without any verdict."""
        (found,) = self._row("SELECT count(*) FROM verdicts WHERE run = ?", run.number)
        return not found or list(run.sources) == list(sources)

    def end(self, run: Run) -> None:
        """Record that all submissions of a run have their verdicts."""
        self._do("UPDATE runs SET ended = ? WHERE run = ?", stamp(), run.number)

    # -- parts ----------------------------------------------------------------------------------

    def part(self) -> Mapping[str, Any] | None:
        """Return what was noted of the part of a class that this is, or None for a whole one."""
        row = self._row("SELECT note FROM part")
        return None if row is None else json.loads(zlib.decompress(row[0]))

    def is_part(self) -> bool:
        return self._row("SELECT 1 FROM part") is not None

    def stored(self, name: str) -> Stored | None:
        """Return a submission as it is stored, or None if it is not in the class."""
        row = self._row("SELECT about FROM submissions WHERE submission = ?", _id(name))
        if row is None:
            return None
        rows = self._database.execute(
            "SELECT exercise, key, outcome, score, max_score, record, host, worker, began, ended "
            "FROM verdicts WHERE submission = ? ORDER BY exercise",
            (_id(name),),
        )
        return Stored(row[0], tuple(map(_verdict, rows)))

    def adopt(self, run: Run, submissions: Iterable[tuple[int, str, Stored]]) -> None:
        """Store submissions of another store, each with its place and name: all, or none."""
        with self._writing(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for place, name, one in submissions:
                self._database.execute(
                    "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)",
                    (_id(name), run.number, place, one.about),
                )
                for each in one.verdicts:
                    self._put(run, _id(name), each)

    # -- the class ------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all submissions, of earlier runs too, in their order."""
        rows = self._database.execute("SELECT about FROM submissions ORDER BY submission")
        return [json.loads(about)["submission"] for (about,) in rows]

    def keep_only(self, run: Run) -> list[str]:
        """Take the submissions of earlier runs out of the class; return their names.

        Their verdicts stay, for the case that they are given again.
        """
        rows = self._database.execute(
            "SELECT about FROM submissions WHERE run != ? ORDER BY submission", (run.number,)
        )
        names = [json.loads(about)["submission"] for (about,) in rows]
        self._do("DELETE FROM submissions WHERE run != ?", run.number)
        return names

    def everything(self, exercises: Sequence[str]) -> Collection[SubmissionResult]:
        """Return the submissions of all runs, in order; each is read when it is iterated over."""
        (count,) = self._row("SELECT count(*) FROM submissions")
        return StoredSubmissions(count, lambda: self._read(None, exercises))

    def known(self) -> Iterator[SubmissionResult]:
        """Yield what is known of each submission, without its verdicts."""
        rows = self._database.execute("SELECT about FROM submissions ORDER BY submission")
        for (about,) in rows.fetchall():
            yield submission_from_record(json.loads(about))

    def graded_elsewhere(self, submission: str, sources: Sequence[str]) -> frozenset[str]:
        """Return the exercises of which a file was graded that came from other sources than these."""
        rows = self._database.execute(
            "SELECT v.exercise FROM verdicts v JOIN runs r ON r.run = v.run "
            "WHERE v.submission = ? AND v.outcome NOT IN (?, ?) AND r.sources != ?",
            (
                _id(submission),
                Outcome.MISSING.value,
                Outcome.UNGRADED.value,
                json.dumps(list(sources)),
            ),
        )
        return frozenset(exercise for (exercise,) in rows)

    def verdicts_on(self, submission: str) -> frozenset[str]:
        """Return the exercises of a submission that have a verdict, whatever it is."""
        rows = self._database.execute(
            "SELECT exercise FROM verdicts WHERE submission = ?", (_id(submission),)
        )
        return frozenset(exercise for (exercise,) in rows)

    # -- verdicts -------------------------------------------------------------------------------

    def keys(self, submission: str) -> dict[str, str]:
        """Return the fingerprints of a submission's verdicts by exercise, without the ungraded."""
        rows = self._database.execute(
            "SELECT exercise, key FROM verdicts WHERE submission = ? AND outcome != ?",
            (_id(submission), Outcome.UNGRADED.value),
        )
        return dict(rows.fetchall())

    def enrol(self, run: Run, submissions: Iterator[SubmissionResult]) -> None:
        """Store a run's submissions, in order, with what is known before grading."""
        with self._writing(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for place, one in enumerate(submissions):
                self._database.execute(
                    "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)",
                    (_id(one.submission), run.number, place, json.dumps(submission_record(one))),
                )

    def record(
        self,
        run: Run,
        submission: str,
        results: Sequence[tuple[str, ExerciseResult]],
        by: Mapping[str, Provenance] = MappingProxyType({}),
    ) -> None:
        """Store verdicts on one submission with their fingerprints: all or, if that fails, none.

        by: who gave them, by exercise.
        """
        name = _id(submission)
        with self._writing(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for key, result in results:
                self._note_change(run, name, result)
                judge = by.get(result.exercise, UNKNOWN)
                verdict = Verdict(result.exercise, key, *_summary(result), pack(result), judge)
                self._put(run, name, verdict)

    def _put(self, run: Run, name: str, verdict: Verdict) -> None:
        by = verdict.provenance
        self._database.execute(
            "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(name, verdict.exercise, verdict.key, run.number),
                *(verdict.outcome, verdict.score, verdict.max_score, verdict.record),
                *(by.host, by.worker, by.began, by.ended),
            ),
        )

    def submission(self, name: str, exercises: Sequence[str]) -> SubmissionResult:
        """Return all that is known of one submission now."""
        about = self._row("SELECT about FROM submissions WHERE submission = ?", _id(name))
        assert about is not None
        return self._result(about[0], exercises)

    def submissions(self, run: Run, exercises: Sequence[str]) -> Collection[SubmissionResult]:
        """Return the submissions of a run, in order; each is read when it is iterated over."""
        (count,) = self._row("SELECT count(*) FROM submissions WHERE run = ?", run.number)
        return StoredSubmissions(count, lambda: self._read(run, exercises))

    def _read(self, run: Run | None, exercises: Sequence[str]) -> Iterator[SubmissionResult]:
        if run is None:
            rows = self._database.execute("SELECT about FROM submissions ORDER BY submission")
        else:
            rows = self._database.execute(
                "SELECT about FROM submissions WHERE run = ? ORDER BY place", (run.number,)
            )
        for (about,) in rows:
            yield self._result(about, exercises)

    def ungraded(
        self, run: Run | None = None, exercises: Sequence[str] | None = None
    ) -> list[tuple[str, str]]:
        """Return the submissions that could not be graded, of a run or of all: names and reasons.

        exercises: those that count; by default all.
        """
        rows = self._database.execute(
            "SELECT s.about, v.record FROM verdicts v "
            "JOIN submissions s ON s.submission = v.submission AND (? IS NULL OR s.run = ?) "
            "WHERE v.outcome = ? AND (? IS NULL OR v.exercise IN (SELECT value FROM json_each(?))) "
            "GROUP BY s.submission ORDER BY s.submission",
            (*_of(run), Outcome.UNGRADED.value, *_among(exercises)),
        )
        return [(json.loads(about)["submission"], unpack(one).note) for about, one in rows]

    def changes(self, run: Run) -> Iterator[Change]:
        """Yield the results that a run changed, in the order of the names."""
        rows = self._database.execute(
            "SELECT s.about, c.exercise, c.before, c.after FROM changes c "
            "JOIN submissions s ON s.submission = c.submission AND s.run = c.run "
            "WHERE c.run = ? ORDER BY s.submission, c.exercise",
            (run.number,),
        )
        for about, exercise, *results in rows:
            name = json.loads(about)["submission"]
            (was, old, _), (now, new, most) = map(json.loads, results)
            yield Change(name, exercise, Outcome(was), old, Outcome(now), new, most)

    def _result(self, about: str, exercises: Sequence[str]) -> SubmissionResult:
        known = submission_from_record(json.loads(about))
        rows = self._database.execute(
            "SELECT exercise, record FROM verdicts WHERE submission = ?", (_id(known.submission),)
        )
        records = dict(rows.fetchall())
        results = tuple(unpack(records[one]) for one in exercises if one in records)
        return replace(known, exercises=results)

    def _note_change(self, run: Run, submission: str, result: ExerciseResult) -> None:
        """Compare with the result before this run; retrying a fault is not a change."""
        row = self._row(
            "SELECT outcome, score, max_score, run FROM verdicts "
            "WHERE submission = ? AND exercise = ?",
            *(submission, result.exercise),
        )
        if row is None or (row[3] == run.number and row[0] == Outcome.UNGRADED):
            return
        key = (run.number, submission, result.exercise)
        earlier = self._row(
            "SELECT before FROM changes WHERE run = ? AND submission = ? AND exercise = ?", *key
        )
        before = json.loads(earlier[0]) if earlier else list(row[:3])
        after = list(_summary(result))
        self._database.execute(
            "DELETE FROM changes WHERE run = ? AND submission = ? AND exercise = ?", key
        )
        if before != after:
            self._database.execute(
                "INSERT INTO changes VALUES (?, ?, ?, ?, ?)",
                (*key, json.dumps(before), json.dumps(after)),
            )

    def _row(self, question: str, *values: object) -> Any:
        return self._database.execute(question, values).fetchone()

    def _do(self, statement: str, *values: object) -> None:
        with self._writing():
            self._database.execute(statement, values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Raise `GraderFault` when the disk is full or broken; what was committed stays."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            raise GraderFault(full_disk(NAME, error)) from None


def open_class_store(path: Path) -> ClassStore:
    """Open the store in a file, creating it if it is missing.

    Raises `UsageError` when the file cannot be used: it is damaged, newer, or in use.
    """
    return ClassStore(open_database(path))


def _id(submission: str) -> str:
    """Return a name that SQLite accepts: an undecodable one may contain lone surrogates."""
    return submission.encode("utf-8", "backslashreplace").decode()


def _verdict(row: Sequence[Any]) -> Verdict:
    exercise, key, outcome, score, max_score, record, *by = row
    return Verdict(exercise, key, outcome, score, max_score, record, Provenance(*by))


def _of(run: Run | None) -> tuple[int | None, int | None]:
    number = None if run is None else run.number
    return number, number


def _among(exercises: Sequence[str] | None) -> tuple[str | None, str | None]:
    listed = None if exercises is None else json.dumps(list(exercises))
    return listed, listed


def _summary(result: ExerciseResult) -> _Result:
    return result.outcome.value, result.score, result.max_score
