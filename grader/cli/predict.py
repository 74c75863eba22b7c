"""Asks what the learner's code will do in a scenario, then shows what it does, both on one timeline."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE
from grader.cli.grading import open_grading
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.predict import NEVER, Question, is_small, questions
from grader.render.measures import read
from grader.render.timeline.telling import telling_check, variety
from grader.results import CheckResult, ExerciseResult, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.judge.observing import Run
    from grader.trace import Trace

__all__ = ["Predicted", "declare", "run", "understood"]

_NEVER = frozenset({"n", "never", "no"})
_UNKNOWN = frozenset({"", "?"})


@dataclass(frozen=True)
class Predicted:
    """Result: the questions on a check's scenario, with the learner's answers (None: none was given).

    check: None if there is nothing to predict.
    """

    result: ExerciseResult
    check: CheckResult | None = None
    answers: tuple[tuple[Question, float | None], ...] = ()
    again: str = ""
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return COULD_NOT_GRADE if self.result.outcome is Outcome.UNGRADED else 0

    def view(self) -> RenderableType:
        from grader.render.predicting import Compared  # noqa: PLC0415 - Rich comes last

        return Compared(self.result, self.check, self.answers, self.again)


def declare(parser: Parser) -> None:
    """Declare the exercise."""
    parser.take("exercise", "--from", "--trust-submissions", "--seed", "--no-fork")


def run(options: Namespace) -> Predicted:
    """Grade silently, show the most telling scenario without what came of it, and ask."""
    with open_grading([options.exercise], options) as opened:
        grading = replace(opened, stubs=True, pick=_small)
        (result,) = grading.run().exercises
        notices = grading.store.notices if grading.store else ()
    check = _scenario(result)
    trace = read(check.observation.trace) if check is not None else None
    asked = questions(trace) if trace is not None else ()
    again = invocation(options.folder).command(f"predict {options.exercise}")
    if check is None or trace is None or not asked:
        return Predicted(result, None, (), again, notices)
    _show(result, trace)
    return Predicted(result, check, tuple(_ask(asked)), again, notices)


def _small(runs: Sequence[Run], failing: Run | None) -> Run:
    """Pick a check's run to ask about: a small one if any is, the failing or the fullest of these."""
    fit = [run for run in runs if is_small(run[1])]
    if failing is not None and (not fit or any(run is failing for run in fit)):
        return failing
    return max(fit, key=lambda run: variety(run[1])) if fit else runs[-1]


def _scenario(result: ExerciseResult) -> CheckResult | None:
    """Return the check to ask about: of those with a small run the first that fails, or the most telling.

    Where no check has one: the one with the fewest items.
    """
    read_all = [(check, read(check.observation.trace)) for check in result.checks]
    drawn = [(check, trace) for check, trace in read_all if trace is not None]
    fit = [check for check, trace in drawn if is_small(trace)]
    if fit:
        return telling_check(replace(result, checks=tuple(fit)))
    return min(drawn, key=lambda pair: len(pair[1].items), default=(None, None))[0]


def _show(result: ExerciseResult, trace: Trace) -> None:
    from grader.cli.screen import show  # noqa: PLC0415 - Rich comes after grading
    from grader.render.predicting import Given  # noqa: PLC0415 - likewise

    show(Given(result, trace))


def _ask(asked: Iterable[Question]) -> Iterable[tuple[Question, float | None]]:
    """Ask one question after the other; at the end of the input, the rest has no answer."""
    over = False
    for number, question in enumerate(asked, 1):
        answer = None
        while not over:
            print(f"{number}. {question.text} {_form(question)} ", end="", flush=True)
            line = sys.stdin.readline()
            if not (line.endswith("\n") and sys.stdin.isatty()):  # nobody has seen a line end
                print()
            over = not line
            try:
                answer = understood(line, question)
            except ValueError as error:
                print(f"   {error}")
                continue
            break
        yield question, answer


def _form(question: Question) -> str:
    if question.may_never:
        return "[seconds, or n for never]"
    return "[seconds]" if question.unit == "s" else "[a number]"


def understood(line: str, question: Question) -> float | None:
    """Return the answer in a line: a number or `NEVER`; None if there is none.

    Raises `ValueError`, saying what would do, for anything else.
    """
    said = line.strip().lower()
    if said in _UNKNOWN:
        return None
    if said in _NEVER and question.may_never:
        return NEVER
    number = said.removesuffix("seconds").removesuffix("s").strip().replace(",", ".")
    try:
        answer = float(number)
    except ValueError:
        never = ", n for never" if question.may_never else ""
        raise ValueError(f"Type a number{never}, or nothing if you do not know.") from None
    if not 0 <= answer < NEVER:
        raise ValueError("Type a number that is not below 0.")
    if question.unit != "s" and not answer.is_integer():
        raise ValueError("Type a whole number: these are counted.")
    return answer
