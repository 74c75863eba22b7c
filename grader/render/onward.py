"""What to do next: a file to open, a command to type."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.layout import Hanging
from grader.render.words import Invocation, counted, prose, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Onward", "first_open"]


def first_open(report: GradeReport) -> ExerciseResult | None:
    """The first exercise that the learner can do something about, or else that is not done."""
    undone = [result for result in report.exercises if result.outcome is not Outcome.PASSED]
    theirs = (result for result in undone if result.outcome is not Outcome.UNGRADED)
    return next(theirs, undone[0] if undone else None)


class Onward:
    """The next step after a report. `complete`: the report is on the whole course."""

    def __init__(self, report: GradeReport, invocation: Invocation, *, complete: bool) -> None:
        self.report = report
        self.invocation = invocation
        self.complete = complete

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = first_open(self.report)
        steps = self._well_done() if result is None else self._steps(result)
        mark = "Next: " if result is not None else ""
        for text in steps:
            yield Hanging(Text(mark, "label"), text)
            mark = " " * len(mark)

    def _well_done(self) -> list[Text]:
        count = len(self.report.exercises)
        if self.complete:
            return [Text(f"All {counted(count, 'exercise')} done. Well done, and thank you!")]
        name = short(self.report.exercises[0].exercise)
        passed = f"{name} passes" if count == 1 else "All of these pass"
        return [Text(f"{passed}. Well done! How far the others are:"), self._command("list")]

    def _steps(self, result: ExerciseResult) -> list[Text]:
        name = short(result.exercise)
        grade = self._command(name, "to have it checked")
        match result.outcome:
            case Outcome.FAILED:
                hint = self._command(f"hint {name}", "when you are stuck")
                return [_open(result), grade, hint]
            case Outcome.NOT_STARTED:
                task = f"open `{result.path}`: {result.title}. The task stands at its top."
                return [prose(task), grade]
            case Outcome.MISSING:
                return [self._command(f"reset {name}", "to get the file back")]
            case _:
                return [Text("show this to whoever gave you the course; your work is not lost.")]

    def _command(self, words: str, purpose: str = "") -> Text:
        line = Text(self.invocation.command(words), "command")
        return line.append(f"   {purpose}", "aside") if purpose else line


def _open(result: ExerciseResult) -> Text:
    first = result.first_failure
    where = f" at line {first.line}" if first is not None and first.line else ""
    failed = sum(check.outcome is Outcome.FAILED for check in result.checks)
    more = f" ({counted(failed, 'check')} to go)" if failed > 1 else ""
    return prose(f"open `{result.path}`{where}{more}, then")
