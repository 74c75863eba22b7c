"""The start of a class run: machines, isolation, verdicts that stand, submissions to grade."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.layout import Hanging
from grader.render.words import counted

__all__ = ["ClassStart", "ClusterStart", "Wall"]

Wall = tuple[str, bool, str]
"""A layer of isolation: its name, whether it is active, and details or why it is not."""


class ClassStart:
    """The start of a run. since: day of the run before, "" if there was none."""

    def __init__(
        self,
        *,
        walls: Sequence[Wall],
        enough: bool,
        total: int,
        pending: int,
        jobs: int,
        since: str,
    ) -> None:
        self.walls = walls
        self.enough = enough
        self.total = total
        self.pending = pending
        self.jobs = jobs
        self.since = since

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        active = [_said(name, detail) for name, works, detail in self.walls if works]
        yield Hanging(Text("Isolation  ", "label"), ", ".join(active) or "none")
        lacking = [_said(name, detail) for name, works, detail in self.walls if not works]
        if lacking:
            yield Hanging(Text("not here   ", "label"), "; ".join(lacking))
        if not self.enough:
            yield Hanging("", "That is not enough for the code of strangers: these are trusted.")
        stand = self.total - self.pending
        if stand:
            verdicts = "the verdict" if stand == 1 else "the verdicts"
            yield Hanging(
                "", f"{stand} of {self.total} as before: {verdicts} of {self.since} stand."
            )
        if self.pending:
            at_once = f", {self.jobs} at once" if self.jobs > 1 else ""
            yield Hanging("", f"Grading {counted(self.pending, 'submission')}{at_once}.")


class ClusterStart:
    """The workers of a cluster. hosts: the machine of each that grades. others: why some do not."""

    def __init__(self, name: str, hosts: Sequence[str], others: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self.hosts = hosts
        self.others = others

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        workers = counted(len(self.hosts), "worker")
        machines = counted(len(set(self.hosts)), "machine")
        where = harmless(f"{workers} on {machines}, at {self.name}")
        yield Hanging(Text("Cluster    ", "label"), where)
        for who, why in self.others:
            yield Hanging("", harmless(f"{who} {why}"))


def _said(name: str, detail: str) -> str:
    return harmless(f"{name} ({detail})" if detail else name)
