"""The policy of a class: deadline, grace, what late work costs, extensions, weights. Read from TOML.

deadline = 2026-03-01T23:59:00        # with an offset, or else in `time_zone`
time_zone = "Europe/Berlin"           # also of times that a platform writes without one
grace = 15                            # minutes after the deadline that cost nothing
attempts = "best"                     # which attempt counts: "last", "last_in_time", or "best"
late = {percent = 10, per = "day", at_most = 50}   # or points = 2; per = "hour"

[extensions]                          # by submission, id, login, address or name
ada = 2026-03-05T23:59:00

[weights]                             # what an exercise's points are multiplied by; others: 1
ex3 = 2
"""

from __future__ import annotations

import math
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from grader.class_results import SubmissionResult
from grader.classroom.names import folded, names_of
from grader.course import catalog
from grader.errors import UnknownExercise, UsageError

__all__ = ["ATTEMPTS", "BEST", "IN_TIME", "Late", "Policy", "policy_in"]

WRITTEN = "A time has seconds, as 2026-03-01T23:59:00, and a name with spaces stands in quotes"
UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
LAST, IN_TIME, BEST = ATTEMPTS = ("last", "last_in_time", "best")
KEYS = {"deadline", "time_zone", "grace", "late", "attempts", "extensions", "weights"}


@dataclass(frozen=True)
class Late:
    """What each day or hour that has begun costs, up to a limit: points, or a share of those earned."""

    per: str = "day"
    points: float = 0.0
    percent: float = 0.0
    at_most: float = math.inf

    def cost(self, earned: float, units: int) -> float:
        """Return the points that so many days or hours cost."""
        if self.percent:
            return earned * min(units * self.percent, self.at_most, 100.0) / 100
        return min(units * self.points, self.at_most, earned)


@dataclass(frozen=True)
class Policy:
    """A policy. extensions: deadlines by who has them, in lower case.

    attempts: which of a learner's attempts counts, of `ATTEMPTS`; or "" when they are not told apart, and
    the newest file of each exercise counts.
    """

    deadline: datetime | None = None
    zone: tzinfo | None = None
    grace: timedelta = timedelta()
    late: Late = Late()
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    attempts: str = ""

    def weight(self, exercise: str) -> float:
        return self.weights.get(exercise, 1.0)

    def deadline_of(self, one: SubmissionResult) -> datetime | None:
        """Return the deadline of a submission: the latest extension of its senders, or everybody's."""
        found = [self.extensions[text] for text in names_of(one) if text in self.extensions]
        return max(found) if found else self.deadline

    def of_nobody(self, everybody: Iterable[SubmissionResult]) -> list[str]:
        """Return the names under `[extensions]` that nobody in the class has."""
        known = {name for one in everybody for name in names_of(one)}
        return [name for name in self.extensions if name not in known]

    def late_by(self, one: SubmissionResult) -> timedelta | None:
        """Return by how much a submission is late, beyond the grace; None when that is not known."""
        deadline = self.deadline_of(one)
        if deadline is None:
            return timedelta()
        sent = self.sent(one)
        if sent is None:
            return None if one.late or one.submitted else timedelta()
        # In UTC: between times of one zone Python subtracts what clocks show, though one was put on.
        late = sent.astimezone(UTC) - deadline.astimezone(UTC)
        return late if late > self.grace else timedelta()

    def sent(self, one: SubmissionResult) -> datetime | None:
        """Return when a submission was sent, with its zone; None when that is not known."""
        if not one.submitted:
            return None
        sent = datetime.fromisoformat(one.submitted)
        if sent.tzinfo is None:
            return sent.replace(tzinfo=self.zone) if self.zone is not None else None
        return sent

    def units(self, late: timedelta) -> int:
        """Return the days or hours that have begun."""
        return math.ceil(late / UNITS[self.late.per])


def policy_in(data: bytes, shown: str) -> Policy:
    """Read a policy. Raises `UsageError`, which says what is wrong and what may be there."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{shown} is no TOML ({error}): mend that line. {WRITTEN}.") from None
    return _Reading(table, shown).policy()


class _Reading:
    """Reads a table, and names what is wrong."""

    def __init__(self, table: Mapping[str, Any], shown: str) -> None:
        self._table = table
        self._shown = shown

    def policy(self) -> Policy:
        self._only(self._table, KEYS, "the policy")
        zone = self._zone()
        deadline = self._table.get("deadline")
        extensions = self._mapping("extensions")
        return Policy(
            None if deadline is None else self._moment(deadline, zone, "deadline"),
            zone,
            timedelta(minutes=self._number(self._table.get("grace", 0), "grace")),
            self._late(),
            {
                folded(who): self._moment(when, zone, f"the extension of {who}")
                for who, when in extensions.items()
            },
            self._weights(),
            self._attempts(),
        )

    def _zone(self) -> tzinfo | None:
        name = self._table.get("time_zone")
        if name is None:
            return None
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, TypeError, ValueError, OSError):
            raise self._wrong(
                f"there is no time_zone {name!r}: write one as 'Europe/Berlin'"
            ) from None

    def _moment(self, value: Any, zone: tzinfo | None, what: str) -> datetime:
        if not isinstance(value, datetime):
            raise self._wrong(f"{what} is no date with a time: write 2026-03-01T23:59:00+01:00")
        if value.tzinfo is None and zone is None:
            raise self._wrong(f"{what} has no time zone: add its offset, or a time_zone")
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)

    def _late(self) -> Late:
        table = self._mapping("late")
        self._only(table, {"points", "percent", "per", "at_most"}, "late")
        per = table.get("per", "day")
        if per not in UNITS:
            raise self._wrong(f"late is per 'day' or 'hour', not {per!r}")
        if table and ("points" in table) == ("percent" in table):
            raise self._wrong("late takes either points or percent: say one of them")
        numbers = {
            name: self._number(table[name], name)
            for name in ("points", "percent", "at_most")
            if name in table
        }
        return Late(per, **numbers)

    def _weights(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, value in self._mapping("weights").items():
            try:
                entries = catalog.chosen([name])
            except UnknownExercise as error:
                raise self._wrong(f"a weight is for no exercise: {error}") from None
            found |= {entry.id: self._number(value, f"the weight of {name}") for entry in entries}
        return found

    def _attempts(self) -> str:
        rule = self._table.get("attempts", "")
        if "attempts" in self._table and rule not in ATTEMPTS:
            words = ", ".join(f"'{one}'" for one in ATTEMPTS)
            raise self._wrong(f"attempts is one of {words}, not {rule!r}")
        return str(rule)

    def _mapping(self, name: str) -> Mapping[str, Any]:
        value = self._table.get(name, {})
        if not isinstance(value, Mapping):
            raise self._wrong(f"{name} is a table: write [{name}], and its lines below")
        return value

    def _number(self, value: Any, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise self._wrong(f"{what} is no number from 0 on: {value!r}")
        return float(value)

    def _only(self, table: Mapping[str, Any], known: set[str], what: str) -> None:
        for name in table:
            if name not in known:
                raise self._wrong(f"{what} has no '{name}': it knows {', '.join(sorted(known))}")

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"{self._shown}: {what}.")
