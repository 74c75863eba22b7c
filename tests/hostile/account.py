"""Says what came of a class of hostile and innocent learners: who passed, who is ungraded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from grader.render.words import short
from tests.hostile.cases import Case
from tests.hostile.graded import Class

__all__ = ["Account", "Finding", "Outcome", "account"]

MOST_SECONDS = 60.0  # for one submission, with `--jobs 2`
MOST_MEMORY = 300  # MB, for one process of the grader's
ABSENT = "absent"  # from the results; a file that was refused as too large is "missing" there


@dataclass(frozen=True)
class Finding:
    """Somebody who came out as nobody should, and what was said to them."""

    name: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """One hostile file: what it was to be, and what came of it."""

    slug: str
    kind: str
    exercise: str
    verdict: str
    outcome: str
    score: int
    max_score: int
    why: str | None
    message: str
    seconds: float


@dataclass(frozen=True)
class Account:
    """Everything that is measured. Seconds are real ones, memory is in MB.

    silent: who did not pass, and is not told why.
    """

    outcomes: tuple[Outcome, ...]
    passed: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    ungraded: tuple[Finding, ...]
    silent: tuple[Finding, ...]
    changed: tuple[Finding, ...]
    misjudged: tuple[Finding, ...]
    left: tuple[str, ...]
    formulas: tuple[str, ...]
    faults: tuple[str, ...]
    slow: tuple[Finding, ...]
    longest: float
    longest_name: str
    memory: Mapping[str, int]
    took: float

    @property
    def good(self) -> bool:
        """Whether all targets hold."""
        counts = (self.passed, self.refused, self.ungraded, self.changed, self.misjudged)
        rest = (self.silent, self.left, self.formulas, self.faults)
        return not any((*counts, *rest)) and self.within

    @property
    def within(self) -> bool:
        """Whether time and memory stay within their bounds."""
        judge = max(self.memory["main"], self.memory["worker"])
        return self.longest <= MOST_SECONDS and judge <= MOST_MEMORY

    def data(self) -> dict[str, Any]:
        """All of it as plain data, for JSON."""
        return asdict(self) | {"good": self.good}


def account(
    hostile: Sequence[Case], innocent: Sequence[Case], alone: Class, together: Class
) -> Account:
    """Compare the innocents' verdicts, and look at everybody else's."""
    outcomes = tuple(one for case in hostile for one in _outcomes(case, together))
    longest = max(together.seconds, key=lambda name: together.seconds[name], default="")
    slow = [
        Finding(name, f"{seconds:.0f} s")
        for name, seconds in sorted(together.seconds.items(), key=lambda row: -row[1])
        if seconds > MOST_SECONDS
    ]
    return Account(
        outcomes,
        tuple(_named(outcomes, "reject", "passed")),
        tuple(_refused(outcomes)),
        (*_named(outcomes, None, "ungraded"), *_ungraded(innocent, together)),
        tuple(_silent(hostile, together)),
        tuple(_changed(innocent, alone, together)),
        tuple(_misjudged(innocent, alone)),
        (*alone.left, *together.left),
        together.formulas,
        (*alone.faults, *together.faults),
        tuple(slow),
        together.seconds.get(longest, 0.0),
        longest,
        {role: size >> 20 for role, size in together.peaks.bytes.items()},
        together.took,
    )


def _outcomes(case: Case, graded: Class) -> Iterator[Outcome]:
    exercises = _exercises(case, graded)
    for exercise, verdict in case.verdicts.items():
        row = exercises.get(exercise, {})
        failed = [one for one in row.get("checks", ()) if one["outcome"] == "failed"]
        first = failed[0] if failed else {}
        yield Outcome(
            case.slug,
            case.kind,
            exercise,
            verdict,
            row.get("outcome", ABSENT),
            row.get("score", 0),
            row.get("max_score", 0),
            first.get("why"),
            first.get("message") or row.get("note", "it is not in the results"),
            graded.seconds.get(case.folder, 0.0),
        )


def _exercises(case: Case, graded: Class) -> dict[str, Any]:
    rows = graded.results.get(case.folder, {}).get("exercises", ())
    return {row["exercise"]: row for row in rows}


def _named(outcomes: Sequence[Outcome], verdict: str | None, outcome: str) -> Iterator[Finding]:
    for one in outcomes:
        absent = outcome == "ungraded" and one.outcome == ABSENT
        if (one.outcome == outcome or absent) and verdict in (None, one.verdict):
            yield Finding(f"{one.slug}/{short(one.exercise)}", one.message)


def _refused(outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    for one in outcomes:
        if one.verdict == "accept" and one.outcome not in ("passed", "ungraded", ABSENT):
            yield Finding(f"{one.slug}/{short(one.exercise)}", one.message)


def _silent(hostile: Sequence[Case], graded: Class) -> Iterator[Finding]:
    for case in hostile:
        for name, row in _exercises(case, graded).items():
            told = [one for one in row["checks"] if one["outcome"] == "failed" and one["message"]]
            if row["outcome"] == "failed" and not told and not row["note"]:
                others = {one["message"] for one in row["checks"] if one["message"]}
                yield Finding(f"{case.slug}/{short(name)}", f"no check failed: {'; '.join(others)}")


def _ungraded(innocent: Sequence[Case], graded: Class) -> Iterator[Finding]:
    for case in innocent:
        exercises = _exercises(case, graded)
        for name in case.sources:
            row = exercises.get(name, {"outcome": "ungraded", "note": "it is not in the results"})
            if row["outcome"] == "ungraded":
                yield Finding(f"innocent {case.slug}/{short(name)}", row["note"])


def _changed(innocent: Sequence[Case], alone: Class, together: Class) -> Iterator[Finding]:
    for case in innocent:
        first, second = _exercises(case, alone), _exercises(case, together)
        for name in case.sources:
            was, now = _verdict(first.get(name)), _verdict(second.get(name))
            if was != now:
                yield Finding(f"{case.slug}/{short(name)}", f"{was} became {now}")


def _verdict(row: Mapping[str, Any] | None) -> Any:
    """Outcome, points, and each check's outcome: what has to be the same in every company."""
    if row is None:
        return None
    checks = {one["check"]: (one["outcome"], one["why"]) for one in row["checks"]}
    return row["outcome"], row["score"], checks


def _misjudged(innocent: Sequence[Case], alone: Class) -> Iterator[Finding]:
    for case in innocent:
        exercises = _exercises(case, alone)
        for name, verdict in case.verdicts.items():
            outcome = exercises.get(name, {}).get("outcome", ABSENT)
            if (outcome == "passed") != (verdict == "accept"):
                yield Finding(f"{case.slug}/{short(name)}", f"alone it came out as {outcome}")
