"""Names the people of a class as the platform's own file does, and tells namesakes apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.class_results import ClassReport, SubmissionResult
from grader.classroom.names import folded
from grader.export.joining import Account

__all__ = ["Contact", "People", "changed", "people", "sent_twice"]

LASTING = ("canvas", "brightspace", "blackboard")  # whose ids are the same in each download


@dataclass(frozen=True)
class Contact:
    """How to reach the only sender of a submission, as a platform's file says; "" if it does not."""

    address: str = ""
    username: str = ""


@dataclass(frozen=True)
class People:
    """What files of the platform say.

    names, contacts: of single senders, by submission. late: submissions. submitted: when. twice: names
    that several people have.
    """

    names: Mapping[str, str]
    late: frozenset[str]
    twice: frozenset[str]
    submitted: Mapping[str, str]
    contacts: Mapping[str, Contact]

    def told(self, report: ClassReport) -> ClassReport:
        """Return the report with real names, and with what is late."""
        return changed(report, self._told)

    def contact(self, one: SubmissionResult) -> Contact:
        """Return how to reach a submission's only sender."""
        known = self.contacts.get(one.submission)
        return known if known is not None and len(one.senders) == 1 else Contact()

    def named(self, known: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
        """Yield submissions with real names, addresses, and what is late."""
        return map(self._told, known)

    def _told(self, one: SubmissionResult) -> SubmissionResult:
        named = _named(one, self.names, self.late)
        address = self.contact(one).address
        if address and not named.senders[0].email:
            named = replace(named, senders=(replace(named.senders[0], email=address),))
        return replace(named, submitted=one.submitted or self.submitted.get(one.submission, ""))

    def distinct(self, told: SubmissionResult) -> SubmissionResult:
        """Return a submission of the report as `told`, with an id beside a name that several have."""
        senders = tuple(
            replace(sender, name=f"{sender.name} ({sender.sid or sender.id or told.submission})")
            if sender.name in self.twice
            else sender
            for sender in told.senders
        )
        return replace(told, senders=senders)


def changed(
    report: ClassReport, change: Callable[[SubmissionResult], SubmissionResult]
) -> ClassReport:
    """Return the report with each submission changed, as it is read."""
    return replace(report, submissions=_Changed(report.submissions, change))


def people(
    known: Iterable[SubmissionResult],
    accounts: Sequence[Account],
    outdated: Collection[str] = (),
) -> People:
    """Return what the filled files say about these submissions.

    outdated: submissions newer than Moodle's worksheet, which says nothing of when they were sent.
    """
    names: dict[str, str] = {}
    submitted: dict[str, str] = {}
    contacts: dict[str, Contact] = {}
    for account in accounts:
        names |= account.names
        submitted |= account.submitted
        for name in (*account.addresses, *account.usernames):
            before = contacts.get(name, Contact())
            contacts[name] = Contact(
                before.address or account.addresses.get(name, ""),
                before.username or account.usernames.get(name, ""),
            )
    late = frozenset().union(*(account.late for account in accounts)) - frozenset(outdated)
    submitted = {name: when for name, when in submitted.items() if name not in outdated}
    count = Counter(
        name
        for one in known
        for name in {sender.name for sender in _named(one, names, late).senders if sender.name}
    )
    twice = frozenset(name for name, times in count.items() if times > 1)
    return People(names, late, twice, submitted, contacts)


def sent_twice(known: Iterable[SubmissionResult]) -> list[tuple[str, str]]:
    """Return submissions that are one sender's, as a folder and a zip of one name are."""
    theirs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in known:
        for sender in one.senders:
            if sender.platform in LASTING and sender.id:
                theirs[sender.platform, sender.id].append(one.submission)
            elif not sender.platform and sender.name:
                theirs["", folded(sender.name)].append(one.submission)
    return [
        (", ".join(names), "are one sender's: which counts? Give the class anew without the other")
        for names in theirs.values()
        if len(names) > 1
    ]


def _named(
    one: SubmissionResult, names: Mapping[str, str], late: frozenset[str]
) -> SubmissionResult:
    if one.submission in names and len(one.senders) == 1:
        (sender,) = one.senders
        one = replace(one, senders=(replace(sender, name=names[one.submission]),))
    return replace(one, late=True) if one.submission in late else one


class _Changed(Collection[SubmissionResult]):
    """Submissions that are changed as they are read, one at a time."""

    def __init__(
        self,
        submissions: Collection[SubmissionResult],
        change: Callable[[SubmissionResult], SubmissionResult],
    ) -> None:
        self._submissions = submissions
        self._change = change

    def __len__(self) -> int:
        return len(self._submissions)

    def __iter__(self) -> Iterator[SubmissionResult]:
        return map(self._change, self._submissions)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)
