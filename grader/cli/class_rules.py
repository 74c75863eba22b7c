"""The policy and the decisions of people that a class run was given, or an earlier one was."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.class_results import ClassReport, SubmissionResult
from grader.classroom.attempts import Learners
from grader.classroom.finals import Finals
from grader.classroom.names import OF_NOBODY, folded, holders
from grader.classroom.overrides import Decision, Overrides, overrides_in
from grader.classroom.policy import Policy, policy_in
from grader.classroom.store import Change
from grader.errors import UsageError

__all__ = ["Rules", "rules_for"]

NAMES = ("policy", "overrides")
OF_ONE = "write what gradebook.csv has first for the one that is meant"


@dataclass(frozen=True)
class Rules:
    """What makes the points in the end. finals: None without any rules. texts: what to remember.

    held: the submissions of each name that several have, see `among`.
    """

    finals: Finals | None = None
    notices: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def learners(self) -> Learners:
        """Makes one submission of each learner's attempts."""
        if self.finals is None:
            return Learners()
        return Learners(self.finals.policy.attempts, self.finals)

    @property
    def has_deadline(self) -> bool:
        policy = self.finals.policy if self.finals is not None else Policy()
        return policy.deadline is not None or bool(policy.extensions)

    def without_times(self, told: Iterable[SubmissionResult]) -> list[tuple[str, str]]:
        """Return that a deadline costs nobody anything, where nothing says when work was sent."""
        if not self.has_deadline or any(one.submitted or one.late for one in told):
            return []
        return [
            ("Everybody", "nothing is taken off: give Moodle's worksheet by --moodle, or --times")
        ]

    def lists(
        self, report: ClassReport, changes: Iterable[Change]
    ) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return what a person should know of: adjusted points, and decisions to look at again."""
        if self.finals is None:
            return []
        adjusted = [
            (one.submission, said)
            for one in report.submissions
            if one.final is not None
            for said in one.final.said
        ]
        return [
            ("Points adjusted", adjusted),
            ("Decisions that do not fit", list(self._unfitting(report))),
            (
                "Decided by a person, and graded otherwise now",
                list(self._outdated(report, changes)),
            ),
        ]

    def among(self, everybody: Iterable[SubmissionResult]) -> Rules:
        """Return the rules for this class, in which a name may be that of several."""
        if self.finals is None:
            return self
        held = {name: theirs for name, theirs in holders(everybody).items() if len(theirs) > 1}
        overrides = replace(self.finals.overrides, shared=frozenset(held))
        return replace(self, finals=replace(self.finals, overrides=overrides), held=held)

    def of_several(self) -> list[tuple[str, str]]:
        """Return the names in the rules that several in the class have, and what that means."""
        if self.finals is None:
            return []
        decisions, extensions = self.finals.overrides.decisions, self.finals.policy.extensions
        rows = []
        for name, theirs in self.held.items():
            both = f"is the name of {' and '.join(theirs)}"
            if name in decisions and name not in map(folded, theirs):
                who = decisions[name][0].submission
                rows.append((who, f"{both}: decided for neither; {OF_ONE}"))
            if name in extensions:
                rows.append((name, f"{both}: each has the extension; {OF_ONE}"))
        return rows

    def of_nobody(self, everybody: Iterable[SubmissionResult]) -> list[tuple[str, str]]:
        """Return the decisions on nobody in the class, and the extensions that nobody has."""
        if self.finals is None:
            return []
        known = list(everybody)
        decided = self.finals.overrides.of_nobody(known)
        extended = self.finals.policy.of_nobody(known)
        return [
            *((name, OF_NOBODY) for name in decided),
            *((name, f"has an extension, but {OF_NOBODY}") for name in extended),
        ]

    def without_attempts(self, known: Iterable[SubmissionResult]) -> list[tuple[str, str]]:
        """Return the platform whose download holds one attempt of each, where attempts are weighed."""
        platforms = {who.platform for one in known for who in one.senders}
        if not self.learners.rule or "moodle" not in platforms:
            return []
        said = (
            "its download holds only the last attempt of each, so that `attempts` changes nothing"
        )
        return [("Moodle", said)]

    def _unfitting(self, report: ClassReport) -> Iterator[tuple[str, str]]:
        """Yield the decisions on what does not count, and those of more points than there are."""
        assert self.finals is not None
        for one in report.submissions if self.finals.overrides.decisions else ():
            for decision in self.finals.overrides.on(one):
                if said := _unfit(decision, one):
                    yield one.submission, f"line {decision.line} of the decisions: {said}"

    def _outdated(
        self, report: ClassReport, changes: Iterable[Change]
    ) -> Iterator[tuple[str, str]]:
        assert self.finals is not None
        changed: dict[str, list[Change]] = {}
        for change in changes:
            changed.setdefault(change.submission, []).append(change)
        for one in report.submissions if changed else ():
            for decision in self.finals.overrides.on(one):
                for change in changed.get(one.submission, ()):
                    if decision.exercise in ("", change.exercise):
                        short = change.exercise.partition("_")[0]
                        now = f"{short} was {change.score_before} and is {change.score_after}"
                        asked = f"{decision.points:g} points stay: still right?"
                        yield one.submission, f"{now}; {asked}"


def rules_for(
    options: Namespace,
    earlier: Mapping[str, Any],
    remembered: Collection[str],
    *,
    as_noted: bool = False,
) -> Rules:
    """Read the rules. A remembered file that is gone is taken as it was; it is never lost.

    as_noted: a remembered file is taken as it was in any case.

    Raises `UsageError` for a file of this run that cannot be read or understood.
    """
    data: dict[str, bytes] = {}
    notices = []
    for name in NAMES:
        path: Path | None = getattr(options, name)
        if path is None:
            continue
        if as_noted and name in remembered and f"{name}_text" in earlier:
            data[name] = str(earlier[f"{name}_text"]).encode("latin-1")
            continue
        try:
            data[name] = path.read_bytes()
        except OSError as error:
            if name not in remembered or f"{name}_text" not in earlier:
                why = error.strerror or str(error)
                raise UsageError(f"{path} cannot be read ({why}): name another file.") from None
            data[name] = str(earlier[f"{name}_text"]).encode("latin-1")
            notices.append(f"{path} is not there any more: it applies as it was in the last run.")
    policy = policy_in(data["policy"], str(options.policy)) if "policy" in data else Policy()
    overrides = Overrides()
    if "overrides" in data:
        overrides = overrides_in(data["overrides"], str(options.overrides))
    texts = {f"{name}_text": content.decode("latin-1") for name, content in data.items()}
    return Rules(Finals(policy, overrides) if data else None, tuple(notices), texts)


def _unfit(decision: Decision, one: SubmissionResult) -> str:
    """Return what is wrong with a decision, and what to do; "" for one that can be meant."""
    most = {each.exercise: float(each.max_score) for each in one.exercises}
    most[""] = one.final.max_score if one.final is not None else float(one.max_score)
    short = decision.exercise.partition("_")[0]
    if decision.exercise not in most:
        return (
            f"{short} does not count, and neither do these points: add it by --exercises, or take the "
            "line out"
        )
    if decision.points > most[decision.exercise]:
        there = f"{short or 'the total'} has {most[decision.exercise]:g}"
        return (
            f"{decision.points:g} points, where {there}: they stand; correct them if it is a slip"
        )
    return ""
