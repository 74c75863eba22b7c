"""Says what the learner can do now: a certificate for the parts of the course that are done."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.cli.exits import NOT_YET
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.cli.writing import write_whole
from grader.course import catalog
from grader.practice.progress import Progress, open_store, place
from grader.render.certificate import Certificate, Part
from grader.results import Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Earned", "declare", "run"]


@dataclass(frozen=True)
class Earned:
    """Result: the parts that are done, or, if there is none, what is next."""

    parts: tuple[Part, ...]
    name: str = ""
    next: str = ""
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return 0 if self.parts else NOT_YET

    def view(self) -> RenderableType:
        if not self.parts:
            return f"No part of the course is done yet, so there is no certificate. {self.next}"
        return Certificate(self.parts, self.name)


def declare(parser: Parser) -> None:
    """Declare the name to put on it, and the picture."""
    parser.take("--name", "--svg")


def run(options: Namespace) -> Earned:
    """Read the stored progress; grades nothing, and sends nothing anywhere."""
    with open_store(place(catalog.find_home())) as store:
        progress, notices = store.progress(), store.notices
    found = [_part(track, entries, progress) for track, entries in catalog.tracks().items()]
    parts = tuple(part for part in found if part is not None)
    earned = Earned(parts, (options.name or "").strip(), _next(progress), notices)
    if options.svg is None or not parts:
        return earned
    from grader.render.certificate_svg import certificate_svg  # noqa: PLC0415 - mostly not asked for

    write_whole(options.svg, [certificate_svg(parts, earned.name)])
    return Earned(parts, earned.name, notices=(*notices, f"Written: {options.svg}"))


def _part(
    track: str, entries: tuple[catalog.Entry, ...], progress: dict[str, Progress]
) -> Part | None:
    """Return a part of the course that is done; None if an exercise of it does not pass."""
    known = [progress.get(entry.id) for entry in entries]
    done = [one for one in known if one is not None and one.outcome is Outcome.PASSED]
    if len(done) < len(entries):
        return None
    return Part(
        track,
        len(done),
        sum(one.score for one in done),
        sum(one.max_score for one in done),
        sum(one.hints for one in done),
        max(one.passed_at or one.at for one in done)[:10],
        tuple(catalog.declared(entry.id).learned for entry in entries),
    )


def _next(progress: dict[str, Progress]) -> str:
    open_ = (
        entry
        for entry in catalog.exercises()
        if entry.id not in progress or progress[entry.id].outcome is not Outcome.PASSED
    )
    entry = next(open_, None)
    if entry is None:
        return ""
    command = invocation().command(entry.id.partition("_")[0])
    return f"Next is {entry.title}: {command}"
