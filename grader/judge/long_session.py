"""Keeps one pytest session open, and runs its checks on one submission after another.

Starting pytest and collecting the checks takes as long as running them, so for many submissions it is
done only once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

import pytest

from grader.course.api import CheckSpec
from grader.course.catalog import Entry
from grader.errors import GraderFault
from grader.judge.listener import Listener, Silent
from grader.judge.scorecard import Scorecard
from grader.judge.session import Judge, run_pytest

__all__ = ["Examine", "RunChecks", "keep_open"]

RunChecks = Callable[[Sequence[Scorecard], Listener], str]
"""The type of the argument `run_checks` of `grader.judge.grade_modules`."""


Examine = Callable[[RunChecks, Mapping[str, str]], None]
"""Runs checks; it also receives, by exercise, what is wrong with the checks themselves, else ""."""


def keep_open(entries: Sequence[Entry], examine: Examine) -> None:
    """Collect the checks of all `entries`, then let `examine` run them any number of times.

    Raises whatever `examine` raises, and `GraderFault` if the checks cannot be collected.
    """
    session = _OpenSession(entries, examine)
    trouble = run_pytest(session)
    if session.error is not None:
        raise session.error
    if trouble or not session.over:
        raise GraderFault(f"The checks could not be collected: {trouble or 'nobody knows why'}")


class _OpenSession(Judge):
    """A pytest session whose run loop is `examine`."""

    def __init__(self, entries: Sequence[Entry], examine: Examine) -> None:
        super().__init__([Scorecard(entry) for entry in entries], Silent())
        self._examine = examine
        self._checks: dict[pytest.Item, tuple[str, CheckSpec]] = {}
        self._faults: dict[str, str] = {}
        self._wanted: dict[str, Scorecard] = {}
        self.error: BaseException | None = None
        self.over = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep all checks, since the submissions are not known yet."""
        for item in items:
            card, spec = super()._of(item)
            if spec is None:
                card.fault = f"{item.name} is a test without @check"
            else:
                self._checks[item] = card.entry.id, spec
        self._faults = {card.entry.id: card.fault for card in self._cards.values()}

    def pytest_runtestloop(self) -> bool:
        """Call `examine` instead of running each item once."""
        try:
            self._examine(self._run, self._faults)
            self.over = True
        except BaseException as error:  # noqa: BLE001 - pytest would print it and go on
            self.error = error
        return True

    def _run(self, cards: Sequence[Scorecard], listener: Listener) -> str:
        """Run the checks of these cards, as a separate session would."""
        self._listener = listener
        self._cards = {card.entry.checks: card for card in cards}
        self._wanted = {card.entry.id: card for card in cards}
        for card in cards:
            card.fault = self._faults[card.entry.id]
        items = []
        for item, (exercise, spec) in self._checks.items():
            if (judged := self._wanted.get(exercise)) is not None:
                judged.expect(spec)
                items.append(item)
        self._announce()
        # The last item has no successor, so everything set up for this submission is torn down.
        for item, successor in zip_longest(items, items[1:]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=successor)
        return self.trouble

    def _of(self, item: pytest.Item) -> tuple[Scorecard, CheckSpec | None]:
        """As known from the collection, without looking paths up again."""
        exercise, spec = self._checks[item]
        return self._wanted[exercise], spec
