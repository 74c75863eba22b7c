"""The display while a class is graded: progress, rate, current submissions, what was stopped."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.class_results import SubmissionResult
from grader.render.foreign import harmless
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import Hanging
from grader.render.words import TAGS, short
from grader.results import Outcome, Why

__all__ = ["ClassProgress", "duration"]

LAST = 4  # stopped submissions shown; the report has all of them
LONGEST = 28  # characters of a name
SLOW = 3.0  # seconds on one submission after which the time is shown
_STOPPED = (Why.BUSY_LOOP, Why.TIMEOUT, Why.MEMORY, Why.OUTPUT, Why.EXIT)


class ClassProgress:
    """A renderable `grader.classroom.run.Audience`, which changes as its methods are called.

    clock: returns seconds from an arbitrary start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._now: dict[int, tuple[str, float]] = {}
        self._away: dict[int, int] = {}  # by worker: graded there, with verdicts not here yet
        self._stopped: deque[str] = deque(maxlen=LAST)
        self.total = self.pending = self.done = self.passing = self.ungraded = 0

    def began(self, total: int, pending: int) -> None:
        """Note how many submissions there are, and how many are pending."""
        self.total, self.pending = total, pending
        self._since = self._clock()

    def grading(self, worker: int, submission: str) -> None:
        """Note that a worker starts on a submission."""
        self._now[worker] = submission, self._clock()

    def advanced(self, worker: int, done: int) -> None:
        """Note how many of the submissions that a worker has at once are graded there."""
        self._away[worker] = done

    @property
    def reached(self) -> int:
        """The submissions that are graded, here or on their way."""
        return self.done + sum(self._away.values())

    def graded(self, worker: int, result: SubmissionResult) -> None:
        """Count a graded submission, and list the checks that were stopped."""
        self._leave(worker)
        self.done += 1
        self.ungraded += result.ungraded
        outcomes = {one.outcome for one in result.exercises}
        self.passing += outcomes == {Outcome.PASSED}
        for one in result.exercises:
            failure = one.first_failure
            if failure is not None and failure.why in _STOPPED:
                where = f", line {failure.line}" if failure.line else ""
                name = _name(result.submission)
                self._stopped.append(f"{name}: {short(one.exercise)} {TAGS[failure.why]}{where}")

    def failed(self, worker: int, submission: str, reason: str) -> None:
        """List a submission that the grader failed on, and which will be tried again."""
        self._leave(worker)
        self._stopped.append(f"{_name(submission)}: will be tried again: {harmless(reason)}")

    @property
    def line(self) -> str:
        """The progress in one line."""
        reached, away = self.reached, self.reached - self.done
        parts = [f"{reached} of {self.pending} graded"]
        if away:
            parts.append(f"{away} not here yet")
        parts.append(f"{self.passing} passing")
        if self.ungraded:
            parts.append(f"{self.ungraded} not graded")
        elapsed = self._clock() - self._since
        if reached and elapsed > 0:
            rate = reached / elapsed
            parts.append(f"{rate:.1f} a second")
            if reached < self.pending:
                parts.append(f"about {duration((self.pending - reached) / rate)} left")
        return ", ".join(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        yield Hanging("", self.line)
        now = [self._at_work(worker, *one) for worker, one in sorted(self._now.items())]
        if now:
            yield _fit(Text.assemble(("now      ", "aside"), ", ".join(now)), options, glyphs)
        label = "stopped  "
        for what in list(self._stopped):
            yield _fit(Text.assemble((label, "aside"), what), options, glyphs)
            label = " " * len(label)

    def _leave(self, worker: int) -> None:
        self._now.pop(worker, None)
        self._away.pop(worker, None)

    def _at_work(self, worker: int, submission: str, since: float) -> str:
        waited = self._clock() - since
        part = f"{self._away[worker]} of " if worker in self._away else ""
        return part + _name(submission) + (f" ({waited:.0f} s)" if waited >= SLOW else "")


def duration(seconds: float) -> str:
    """Format a duration: `40 s`, `3 min`, `1 h 20 min`."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    minutes = max(2, round(whole / 60))
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _name(submission: str) -> str:
    return harmless(submission, most=LONGEST)


def _fit(text: Text, options: ConsoleOptions, glyphs: Glyphs) -> Text:
    if text.cell_len > options.max_width:
        text.truncate(options.max_width - len(glyphs.ellipsis), overflow="crop")
        text.append(glyphs.ellipsis)
    return text
