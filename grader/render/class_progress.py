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
        self._stopped: deque[str] = deque(maxlen=LAST)
        self.total = self.pending = self.done = self.passing = self.ungraded = 0

    def began(self, total: int, pending: int) -> None:
        """Note how many submissions there are, and how many are pending."""
        self.total, self.pending = total, pending
        self._since = self._clock()

    def grading(self, worker: int, submission: str) -> None:
        """Note that a worker starts on a submission."""
        self._now[worker] = submission, self._clock()

    def graded(self, worker: int, result: SubmissionResult) -> None:
        """Count a graded submission, and list the checks that were stopped."""
        self._now.pop(worker, None)
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
        self._now.pop(worker, None)
        self._stopped.append(f"{_name(submission)}: will be tried again: {harmless(reason)}")

    @property
    def line(self) -> str:
        """The progress in one line."""
        parts = [f"{self.done} of {self.pending} graded", f"{self.passing} passing"]
        if self.ungraded:
            parts.append(f"{self.ungraded} not graded")
        elapsed = self._clock() - self._since
        if self.done and elapsed > 0:
            rate = self.done / elapsed
            parts.append(f"{rate:.1f} a second")
            if self.done < self.pending:
                parts.append(f"about {duration((self.pending - self.done) / rate)} left")
        return ", ".join(parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        yield Hanging("", self.line)
        now = [self._at_work(*one) for _, one in sorted(self._now.items())]
        if now:
            yield _fit(Text.assemble(("now      ", "aside"), ", ".join(now)), options, glyphs)
        label = "stopped  "
        for what in list(self._stopped):
            yield _fit(Text.assemble((label, "aside"), what), options, glyphs)
            label = " " * len(label)

    def _at_work(self, submission: str, since: float) -> str:
        waited = self._clock() - since
        return _name(submission) + (f" ({waited:.0f} s)" if waited >= SLOW else "")


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
