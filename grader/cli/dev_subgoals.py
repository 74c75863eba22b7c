"""For authors: whether an exercise's checks stand under subgoals, the same wherever they are named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grader.course import catalog, pages
from grader.course.catalog import Entry
from grader.course.points import HEADING, named_in_stub
from grader.results import CheckResult

__all__ = ["named_in_page", "trouble"]

FEWEST, MOST = 3, 4
LONGEST = 30  # characters: they stand at the head of a few lines
_IN_PAGE = re.compile(r"^- \*\*(.+?)\.\*\*", re.MULTILINE)


def trouble(entry: Entry, checks: Sequence[CheckResult]) -> Iterator[str]:
    """Yield what is wrong with an exercise's subgoals, and what to do about each."""
    subgoals = catalog.declared(entry.id).subgoals
    if not FEWEST <= len(subgoals) <= MOST:
        yield (
            f"Declare {FEWEST} or {MOST} `subgoals` in EXERCISE, with the checks of each by name: "
            f"there are {len(subgoals)}."
        )
        return
    yield from _of_checks(subgoals, [check.check for check in checks])
    for name in subgoals:
        if len(name) > LONGEST:
            yield f"'{name}' has {len(name)} characters: say it in {LONGEST} at most."
    stub = [*named_in_stub(entry.stub.read_text(encoding="utf-8"))]
    yield from _elsewhere(subgoals, stub, f"the assignment in {entry.stub.name}")
    if (pages.folder() / f"{entry.id}.md").is_file():
        yield from _elsewhere(subgoals, named_in_page(pages.page(entry.id).text), "its page")


def named_in_page(text: str) -> list[str]:
    """Return the subgoals that a page of the lesson explains."""
    section = text.partition(f"\n## {HEADING}\n")[2].partition("\n## ")[0]
    return _IN_PAGE.findall(section)


def _of_checks(subgoals: Mapping[str, tuple[str, ...]], checks: Sequence[str]) -> Iterator[str]:
    listed = [name for names in subgoals.values() for name in names]
    for check in checks:
        if listed.count(check) != 1:
            times = "no subgoal" if check not in listed else "several subgoals"
            yield f"{check} stands under {times}: list it under one."
    yield from (f"There is no check {name}: take it out." for name in listed if name not in checks)
    known = [[checks.index(one) for one in names if one in checks] for names in subgoals.values()]
    if known != sorted(known) or any(places != sorted(places) for places in known):
        yield "List the checks, and the subgoals by their first checks, in the order of the file."


def _elsewhere(
    subgoals: Mapping[str, tuple[str, ...]], found: list[str], where: str
) -> Iterator[str]:
    if found != [*subgoals]:
        there = ", ".join(found) or "none"
        yield f"Under '{HEADING}' {where} names {there}. Declared are: {', '.join(subgoals)}."
