"""Shows a page of the lesson."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog, pages
from grader.practice.progress import open_store, place
from grader.render.invocation import Invocation
from grader.results import Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Read", "declare", "run"]


@dataclass(frozen=True)
class Read:
    """Result: a page of the lesson."""

    page: pages.Page
    invocation: Invocation
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> RenderableType:
        from grader.render.page import LessonPage  # noqa: PLC0415 - Markdown takes 50 ms

        return LessonPage(self.page, tuple(self._onward()))

    def _onward(self) -> list[tuple[str, str]]:
        """Return the commands that lead on: the exercise, and the pages of no exercise."""
        name = self.page.name
        others = [(f"lesson {one}", "") for one in pages.topics() if one != name]
        if name not in pages.topics():
            short = name.partition("_")[0]
            others.insert(0, (short, "have it checked"))
        return [(self.invocation.command(one), purpose) for one, purpose in others]


def declare(parser: Parser) -> None:
    """Declare the page; the default is that of the first exercise that does not pass."""
    parser.take("page")


def run(options: Namespace) -> Read:
    """Find the page and read it; grades nothing."""
    notices: tuple[str, ...] = ()
    if options.page:
        name = pages.named(options.page)
    else:
        name, notices = _next()
    return Read(pages.page(name), invocation(), notices)


def _next() -> tuple[str, tuple[str, ...]]:
    """Return the first exercise that does not pass, else the last one; and the store's notices."""
    with open_store(place(catalog.find_home())) as store:
        progress, notices = store.progress(), store.notices
    done = {name for name, known in progress.items() if known.outcome is Outcome.PASSED}
    ids = [entry.id for entry in catalog.exercises()]
    return next((one for one in ids if one not in done), ids[-1]), notices
