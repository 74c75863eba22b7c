"""What to do next: a file to open, a command to type."""

from __future__ import annotations

from textwrap import shorten

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.invocation import Invocation
from grader.render.layout import Hanging, aligned
from grader.render.words import counted, prose, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Onward"]

BEFORE = "what failed, before and now"
LONGEST_AGAIN = 200  # characters of a repeated message


class Onward:
    """The next step after a report.

    complete: the report covers the whole course. following: id and title of the exercise after its
    last one. own: it is the learner's own folder, of which is known what failed before.
    """

    def __init__(
        self,
        report: GradeReport,
        invocation: Invocation,
        *,
        complete: bool,
        following: tuple[str, str] | None = None,
        own: bool = False,
    ) -> None:
        self.own = own
        self.following = following
        self.report = report
        self.invocation = invocation
        self.complete = complete

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = self.report.first_open
        if result is None:
            yield from self._well_done(options.max_width)
            return
        yield from _again(result)
        todo, commands = self._steps(result)
        yield Hanging(Text("Next: ", "label"), todo)
        yield from aligned(commands, options.max_width, indent=6)

    def _well_done(self, max_width: int) -> RenderResult:
        count = len(self.report.exercises)
        passed = self.report.exercises[-1]
        name = short(passed.exercise)
        if self.invocation.weather:
            yield Hanging("", f"{name} keeps its service levels in this weather.")
            typed = [(self.invocation.command(f"timeline {name}"), "what your code did when")]
            yield from aligned(typed, max_width, indent=6)
            return
        words = f"{name} passes" if count == 1 else "All of these pass"
        if self.complete:
            words = f"All {counted(count, 'exercise')} done"
        learned = [result for result in self.report.exercises if result.learned]
        yield Hanging("", f"{words}. Well done! {'What you learned:' if learned else ''}".rstrip())
        for result in learned:
            yield Hanging(Text(f"{short(result.exercise)}  ", "label"), prose(result.learned), 2)
        if self.complete:
            yield from self._at_the_end(max_width)
            return
        commands = [
            (f"solution {name}", "the reference beside yours"),
            (f"timeline {name}", "what your code did when"),
            *([(f"timeline {name} --before", BEFORE)] if self.own else []),
            ("list", "how far the others are"),
        ]
        typed = [(self.invocation.command(one), words) for one, words in commands]
        yield from aligned(typed, max_width, indent=6)
        if self.following is not None:
            exercise, title = self.following
            path = passed.path.replace(passed.exercise, exercise)
            todo = f"{short(exercise)}, {harmless(title)}: open `{path}`"
            yield Hanging(Text("Next: ", "label"), prose(todo))

    def _at_the_end(self, max_width: int) -> RenderResult:
        """Return commands worth a look once everything passes."""
        names = [short(result.exercise) for result in self.report.exercises]
        commands = [
            (f"solution {names[-1]}", "another way, and what to read next"),
            (f"timeline {names[0]}", "what your code did when"),
            *([(f"timeline {names[-1]} --before", BEFORE)] if self.own else []),
            ("certificate", "what you can do now"),
        ]
        yield from aligned(
            [(self.invocation.command(one), why) for one, why in commands], max_width, 6
        )

    def _steps(self, result: ExerciseResult) -> tuple[Text, list[tuple[str, str]]]:
        """Return what to do, and the commands to type after it, each with its purpose."""
        name = short(result.exercise)
        grade = (self.invocation.command(name), "have it checked")
        hint = (self.invocation.command(f"hint {name}"), "when you are stuck")
        # A page belongs to the course, whatever folder is graded.
        lesson = (Invocation(self.invocation.program).command(f"lesson {name}"), "read about it")
        match result.outcome:
            case Outcome.FAILED:
                return _open(result), [grade, hint, lesson]
            case Outcome.NOT_STARTED:
                watch = (self.invocation.command(f"watch {name}"), "have it checked at every save")
                task = prose(f"open `{result.path}`: its first lines are the task")
                return task, [lesson, grade, watch, hint]
            case Outcome.MISSING:
                return Text("have it put back"), [(self.invocation.command(f"reset {name}"), "")]
            case _:
                words = "show this to whoever gave you the course; your work is not lost."
                return Text(words), []


def _again(result: ExerciseResult) -> RenderResult:
    """Repeat the first failure, whose diagnosis may have scrolled away."""
    first = result.first_failure
    if first is not None and len(result.checks) > 1:
        message = first.message.partition("\n")[0]
        words = shorten(message, LONGEST_AGAIN, placeholder=" ...")
        one_word = len(words) < min(len(message), LONGEST_AGAIN) // 2
        words = message if one_word else words
        yield Hanging(Text("First: ", "label"), harmless(words, most=LONGEST_AGAIN))


def _open(result: ExerciseResult) -> Text:
    first = result.first_failure
    where = f":{first.line}" if first is not None and first.line else ""
    failed = sum(check.outcome is Outcome.FAILED for check in result.checks)
    more = f" ({failed} checks fail)" if failed > 1 else ""
    return prose(f"open `{result.path}{where}`{more}")
