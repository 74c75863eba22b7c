"""What to do next: a file to open, a command to type."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.invocation import Invocation
from grader.render.layout import Hanging, aligned
from grader.render.words import counted, prose, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Onward"]


class Onward:
    """The next step after a report. `complete`: the report is on the whole course."""

    def __init__(self, report: GradeReport, invocation: Invocation, *, complete: bool) -> None:
        self.report = report
        self.invocation = invocation
        self.complete = complete

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = self.report.first_open
        if result is None:
            yield from self._well_done()
            return
        todo, commands = self._steps(result)
        yield Hanging(Text("Next: ", "label"), todo)
        yield from aligned(commands, options.max_width, indent=6)

    def _well_done(self) -> RenderResult:
        count = len(self.report.exercises)
        if self.complete:
            yield Hanging("", f"All {counted(count, 'exercise')} done. Well done, and thank you!")
            return
        name = short(self.report.exercises[0].exercise)
        passed = f"{name} passes" if count == 1 else "All of these pass"
        yield Hanging("", f"{passed}. Well done! How far the others are:")
        yield Hanging("", Text(self.invocation.command("list"), "command"), 6)

    def _steps(self, result: ExerciseResult) -> tuple[Text, list[tuple[str, str]]]:
        """What to do, and the commands to type after it with what each is for."""
        name = short(result.exercise)
        grade = (self.invocation.command(name), "have it checked")
        hint = (self.invocation.command(f"hint {name}"), "when you are stuck")
        match result.outcome:
            case Outcome.FAILED:
                return _open(result), [grade, hint]
            case Outcome.NOT_STARTED:
                watch = (self.invocation.command(f"watch {name}"), "have it checked at every save")
                task = prose(f"open `{result.path}`: its first lines are the task")
                return task, [grade, watch, hint]
            case Outcome.MISSING:
                return Text("have it put back"), [(self.invocation.command(f"reset {name}"), "")]
            case _:
                words = "show this to whoever gave you the course; your work is not lost."
                return Text(words), []


def _open(result: ExerciseResult) -> Text:
    first = result.first_failure
    where = f" at line {first.line}" if first is not None and first.line else ""
    failed = sum(check.outcome is Outcome.FAILED for check in result.checks)
    more = f" ({failed} checks fail)" if failed > 1 else ""
    return prose(f"open `{result.path}`{where}{more}")
