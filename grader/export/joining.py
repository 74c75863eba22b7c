"""Joins submissions to gradebook rows: by id first, by name only when it is unique."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.class_results import Final, Sender, SubmissionResult
from grader.export.cells import Style
from grader.results import Outcome

__all__ = [
    "NO_ROW",
    "Account",
    "Grade",
    "Joined",
    "Left",
    "given_first",
    "join",
    "key",
    "name_keys",
    "scaled",
]

# Directions of writing, joints of no width and a byte-order mark, as they come with what is copied.
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
PLATFORMS = ("canvas", "moodle")
NO_ROW = "no row of the file is theirs"
TWO_ROWS = "more than one row may be theirs"
OTHER_NUMBER = "a row has their name, but another number: fill it in by hand if it is them"
TWO_SUBMISSIONS = "more than one submission is theirs: fill in the right grade by hand"
UNGRADED = "could not be graded, which is no zero: run again"


@dataclass(frozen=True)
class Left:
    """A submission or row that was not filled in, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class Account:
    """A filled file, and what happened to each row.

    content: the new file. column: the header of the filled column. out_of: the points that a full
    score is scaled to, or None for unscaled points. filled: names of the rows with a new grade.
    left: submissions, and rows with a submission, that were not filled in.
    untouched: names of the rows without a submission.
    names: the names that the file has for single senders, by submission. late: the submissions that
    the file says are late. submitted: when, ISO 8601, where the file says. addresses, usernames: of
    single senders, by submission, where the file has them.
    style: how the file is written.
    """

    content: bytes
    column: str
    out_of: float | None
    filled: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    untouched: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    submitted: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    usernames: Mapping[str, str] = field(default_factory=dict)
    style: Style = field(default_factory=Style)


@dataclass(frozen=True)
class Grade:
    """What is written about a submission, so that its checks and traces can leave memory."""

    submission: str
    score: float
    max_score: float
    ungraded: bool
    exercises: tuple[tuple[str, float, float], ...]  # id, points, maximum
    not_graded: frozenset[str] = frozenset()  # ids
    said: tuple[str, ...] = ()  # what was adjusted, a line each

    def part(self, exercises: Collection[str]) -> Grade:
        """Return the grade of some exercises only; of none, the whole."""
        if not exercises:
            return self
        rows = tuple(row for row in self.exercises if row[0] in exercises)
        missing = len(rows) < len(exercises) or bool(self.not_graded.intersection(exercises))
        return Grade(
            self.submission,
            sum(points for _, points, _ in rows),
            sum(most for _, _, most in rows),
            missing,
            rows,
            self.not_graded,
        )


@dataclass(frozen=True)
class Joined:
    """Grades by row number, and what could not be joined.

    perhaps: rows that may be those of submissions in `left`, of which nobody can say they sent nothing.
    """

    rows: Mapping[int, Grade]
    left: tuple[Left, ...]
    perhaps: frozenset[int] = frozenset()

    def sent_nothing(self, row: int) -> bool:
        """Return True for the row of somebody of whom no submission is known."""
        return row not in self.rows and row not in self.perhaps

    def only_senders(self, names: Mapping[int, str]) -> dict[str, str]:
        """Return the rows' texts, such as names, by submission; a group, with several rows, has none."""
        count = Counter(grade.submission for grade in self.rows.values())
        return {
            grade.submission: names[row]
            for row, grade in self.rows.items()
            if count[grade.submission] == 1 and names[row].strip()
        }


def given_first(name: str) -> str:
    """Return a name such as "Lovelace, Ada" as people say it."""
    family, comma, given = name.partition(",")
    turned = f"{given.strip()} {family.strip()}" if comma and given.strip() else name.strip()
    return " ".join(_MARKS.sub("", turned).split())


def join(
    submissions: Iterable[SubmissionResult],
    rows: Mapping[int, Sequence[Collection[str]]],
    kinds: Sequence[str],
) -> Joined:
    """Find each submission's rows; a group's submission has one row per sender.

    rows: each row's keys, one collection for each of `kinds`. kinds: the most reliable first;
    "canvas" and "moodle" are ids of that platform, "number" is the school's, and "login", "email"
    and "name" are literal.
    """
    finder = _Finder(rows, kinds)
    claims: dict[int, list[Grade]] = defaultdict(list)
    left = []
    for submission in submissions:
        grade = _grade(submission)
        for sender in submission.senders or (Sender(name=submission.submission),):
            found = finder.rows_of(sender)
            if isinstance(found, str):
                who = f" ({sender.name})" if len(submission.senders) > 1 else ""
                left.append(Left(submission.submission + who, found))
                continue
            for row in found:
                if grade not in claims[row]:
                    claims[row].append(grade)
    joined = {row: claim[0] for row, claim in claims.items() if len(claim) == 1}
    twice = [claim for claim in claims.values() if len(claim) > 1]
    left += [Left(one.submission, TWO_SUBMISSIONS) for claim in twice for one in claim]
    contested = {row for row, claim in claims.items() if len(claim) > 1}
    return Joined(joined, tuple(left), frozenset(contested | finder.perhaps))


def _grade(submission: SubmissionResult) -> Grade:
    if submission.final is not None:
        return _final_grade(submission, submission.final)
    return Grade(
        submission.submission,
        submission.score,
        submission.max_score,
        submission.ungraded,
        tuple((one.exercise, one.score, one.max_score) for one in submission.exercises),
        frozenset(one.exercise for one in submission.exercises if one.outcome is Outcome.UNGRADED),
    )


def _final_grade(submission: SubmissionResult, final: Final) -> Grade:
    """Return the points in the end, as the policy and people have decided."""
    most = {one.exercise: one.max_score for one in submission.exercises}
    return Grade(
        submission.submission,
        final.score or 0,
        final.max_score,
        final.score is None,
        tuple((name, points, most[name]) for name, points in final.exercises.items()),
        final.ungraded,
        final.said,
    )


class _Finder:
    """Finds a sender's row; the rows, where one id of the platform stands in several."""

    def __init__(self, rows: Mapping[int, Sequence[Collection[str]]], kinds: Sequence[str]) -> None:
        self._rows = rows
        self._kinds = kinds
        self.perhaps: set[int] = set()  # that were asked for and could not be given
        self._index: dict[str, dict[str, set[int]]] = {kind: defaultdict(set) for kind in kinds}
        for row, keys in rows.items():
            for kind, ones in zip(kinds, keys, strict=True):
                for one in ones:
                    self._index[kind][one].add(row)

    def rows_of(self, sender: Sender) -> Collection[int] | str:
        """Return the sender's rows, or why there is none."""
        reason = NO_ROW
        for kind in self._kinds:
            index = self._index[kind]
            found = set().union(*(index.get(one, set()) for one in _keys(sender, kind)))
            if found and kind == sender.platform:
                return sorted(found)  # one person, as of sections that somebody put together
            if len(found) == 1:
                (row,) = found
                if kind == "name" and self._contradicts(row, sender):
                    self.perhaps.add(row)
                    return OTHER_NUMBER
                return [row]
            if found:
                reason = TWO_ROWS
                self.perhaps |= found
            elif kind == sender.platform and sender.id:
                break  # the platform's id is certain: a row with the same name is another person
        return reason

    def _contradicts(self, row: int, sender: Sender) -> bool:
        """Return True when the row has a school number and the sender has another one."""
        return bool(
            sender.sid and "number" in self._kinds and self._rows[row][self._kinds.index("number")]
        )


def _keys(sender: Sender, kind: str) -> set[str]:
    """Return the sender's keys of one kind.

    A platform's id means nothing to another platform. A sender known only by a folder's name may
    be named by a school number, a login or an address, but hardly by a platform's id.
    """
    if kind == "name":
        return name_keys(sender.name)
    if kind in PLATFORMS:
        return {key(sender.id)} - {""} if sender.platform == kind else set()
    known = {
        "number": (sender.sid,),
        "login": (sender.sid, sender.email),
        "email": (sender.email,),
    }[kind]
    anything = () if sender.platform else (sender.name,)
    return {key(one) for one in (*known, *anything)} - {""}


def key(text: str) -> str:
    """Normalise a text for comparison: case, width, encoding of accents, spaces, unseen marks."""
    seen = _MARKS.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(seen.casefold().split())


def name_keys(name: str) -> set[str]:
    """Return the keys of a person's name: as written, and with the family name moved last."""
    family, comma, given = name.partition(",")
    spellings = {name, f"{given} {family}"} if comma else {name}
    return {_letters(one) for one in spellings} - {""}


def _letters(name: str) -> str:
    """Return only letters and digits: Canvas keeps nothing else in file names."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def scaled(grade: Grade, out_of: float | None) -> str:
    """Format the score for a cell: at most two decimals, a decimal point, never above `out_of`."""
    score = float(grade.score)
    if out_of is not None and grade.max_score:
        score = min(out_of, score * out_of / grade.max_score)
    return f"{score:.2f}".rstrip("0").rstrip(".")
