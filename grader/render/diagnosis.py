"""The screen of `doctor`: a row per area, and below it what to do if something is amiss."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.words import prose

__all__ = ["Diagnosis", "Finding"]


@dataclass(frozen=True)
class Finding:
    """The finding in one area.

    advice: what to do if something could be better; fatal: nothing can be graded like this.
    """

    area: str
    words: str
    advice: str = ""
    fatal: bool = False


class Diagnosis:
    """All findings, and a summary."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        widest = max(len(finding.area) for finding in self.findings)
        for finding in self.findings:
            sign, style = glyphs.passed, "passed"
            if finding.advice:
                sign, style = glyphs.ungraded, "missing"
            if finding.fatal:
                sign, style = glyphs.failed, "failed"
            mark = Text.assemble(
                (f"{sign:<{len(glyphs.passed)}} ", style), (f"{finding.area:<{widest}}  ", "title")
            )
            yield Hanging(mark, prose(finding.words))
            if finding.advice:
                yield Hanging("", prose(finding.advice, "aside"), mark.cell_len)
        yield GAP
        yield Hanging("", _sum(self.findings))


def _sum(findings: tuple[Finding, ...]) -> str:
    if any(finding.fatal for finding in findings):
        return "Nothing can be graded like this: see the lines marked above."
    if any(finding.advice for finding in findings):
        return "Everything that a grade needs works; the lines marked above are for comfort."
    return "Everything works."
