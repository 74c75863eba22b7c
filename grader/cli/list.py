"""Lists the exercises with their last results."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass

from rich.console import RenderableType

from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.practice.progress import Progress, open_store, place
from grader.render.invocation import Invocation
from grader.render.listing import Listed, Listing

__all__ = ["Course", "declare", "run"]


@dataclass(frozen=True)
class Course:
    """The exercises in order."""

    exercises: tuple[Listed, ...]
    invocation: Invocation
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> RenderableType:
        return Listing(self.exercises, self.invocation)


def declare(parser: Parser) -> None:
    """Take no arguments."""


def run(_options: Namespace) -> Course:
    """Read the stored progress; grades nothing."""
    with open_store(place(catalog.find_home())) as store:
        progress, notices = store.progress(), store.notices
    rows = [_listed(entry, progress.get(entry.id)) for entry in catalog.exercises()]
    return Course(tuple(rows), invocation(), notices)


def _listed(entry: catalog.Entry, known: Progress | None) -> Listed:
    if known is None:
        return Listed(entry.id, entry.title, track=entry.track)
    return Listed(
        *(entry.id, entry.title, known.outcome, known.score, known.max_score),
        *(known.hints, known.at, entry.track),
    )
