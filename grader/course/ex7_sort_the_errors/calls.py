"""Consumers whose service raises errors of many kinds, each called by a short name.

A kind is a status ("503" is the module's own `ServiceError` with it) or the name of an exception, as
scripts have it. "<" before either stands for a class that is made below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.course.api import (
    ALWAYS,
    Consume,
    Failure,
    Job,
    Own,
    Plan,
    Rule,
    Subject,
    Trace,
    Try,
    World,
    crew,
)
from grader.course.ex7_sort_the_errors.mistakes import TRIED_FOR_EVER
from grader.script import Error
from grader.trace import Event

__all__ = ["BUSY", "COUNTS", "Call", "Calls", "Runs", "is_refusal", "played", "status_of", "words"]

BUSY = "503"
COUNTS = ("consumed", "retried", "failed", "rejected")
# Only the status says which is which, not the words.
_BUSY = Own("ServiceError", (503, "busy: 404 requests wait"))
_WITH_WORDS = {True: "no such address: order 503429", False: "try later, not 400 times a minute"}


@dataclass(frozen=True)
class Call(Job):
    """An item. by: the kinds of its transient failures, one after the other; the last one goes on."""

    by: tuple[str, ...] = (BUSY,)

    def kind(self, number: int) -> str:
        """What the try of this number raises; nothing where it succeeds."""
        if self.is_transient(number):
            return self.by[min(number, len(self.by)) - 1]
        return self.error or ""

    def is_transient(self, number: int) -> bool:
        """Whether the failure of this try is followed by another one, while tries are left."""
        return self.fails == ALWAYS or number <= self.fails

    @property
    def refused(self) -> bool:
        """Whether the service refuses it in the end."""
        return self.error is not None and is_refusal(self.error)

    def rules(self, place: int) -> Iterator[Rule]:
        """What makes its tries fail in other ways than by being busy."""
        most = len(self.by) if self.fails == ALWAYS else min(len(self.by), self.fails)
        for number, kind in enumerate(self.by[:most], 1):
            last = number if number < most else None if self.fails == ALWAYS else self.fails
            if kind != BUSY:
                yield Rule(items=(place,), first=number, last=last, error=_raised(kind))


@dataclass(frozen=True)
class Calls(Consume):
    """As `Consume`, with four counts and errors of any kind."""

    jobs: tuple[Call, ...]

    def play(self, world: World) -> None:
        """Put each item when its time comes, and start each consumer when its own does."""
        items = world.items(job.item for job in self.jobs)
        queue, counts = world.queue(), world.counts(*COUNTS)
        plans = [
            Plan(job.seconds, job.fails, job.error and _raised(job.error)) for job in self.jobs
        ]
        rules = [rule for place, job in enumerate(self.jobs) for rule in job.rules(place)]
        service = world.service("process_item", plans, *rules, failing=_BUSY)
        for place, job in zip(items, self.jobs, strict=True):
            world.put(queue, place, job.at)
        for number, name in enumerate(self.names):
            start = self.starts[number] if self.starts else 0.0
            given = name, queue, service, counts
            world.call("consumer", *given, options=self.said, at=start, task=name)
        if self.cancel is not None:
            world.cancel(at=self.cancel)
        world.until_quiet()

    def kind(self, one: Try) -> str:
        """What a try raises that nobody breaks off; nothing where it succeeds."""
        return self.jobs[one.item].kind(one.number)

    def unrefused(self) -> Calls:
        """The same items, of which those succeed that are refused here."""
        return replace(self, jobs=tuple(replace(job, error=None) for job in self.jobs))


Runs = list[tuple[Calls, Trace]]


async def played(
    learner: Subject, scenarios: list[Calls], *, process: int = 0, any_end: bool = False
) -> Runs:
    """Run the scenarios; in the traces, tries that failed in a transient way are called transient.

    How consumers end is left to whoever asks for it, and with `any_end` also whether it ends at all. The
    screens show these traces as well.
    """
    runs = await learner.run_all(scenarios, process=process, allow=("died", "time_limit"))
    told = [(scenario, _told(trace, scenario)) for scenario, trace in runs]
    learner.runs[len(learner.runs) - len(told) :] = told
    for scenario, trace in told:
        if trace.how == "time_limit" and not any_end:
            raise _why_endless(scenario, trace).about(trace)
    return told


def _why_endless(scenario: Calls, trace: Trace) -> Failure:
    """The failure for consumers that never come to rest."""
    crew.keeps_its_item(trace, scenario)
    attempts = scenario.options.get("attempts", 4)
    last = max(trace.tries, key=lambda one: one.number, default=None)
    if last is not None and last.number > attempts:
        return TRIED_FOR_EVER(
            f"Item {trace.name(last.item)} was tried {last.number} times by {last.start:.0f} s, with "
            f"attempts={attempts}, and there was no end of it. The last tries failed with "
            f"{words(scenario.jobs[last.item].kind(last.number - 1))}.",
            "Whatever an item fails with, it is given up on when `attempts` tries have failed.",
            line=last.line,
            at=trace.tries_of(last.item)[attempts].start,
            task=last.task,
            item=last.item,
        )
    return Failure(
        f"It does not come to an end: at {trace.clock:.0f} s something is still to come.",
        "When all items are settled, the consumers wait for the next one, and nothing else.",
        why="timeout",
    )


def _told(trace: Trace, scenario: Calls) -> Trace:
    """The trace in the terms of this exercise; a script has but one error that is transient."""
    jobs = scenario.jobs
    events = [
        Event((*event[:6], "transient", *event[7:]))
        if event.kind == "finish" and event[6] == "error" and jobs[event[4]].is_transient(event[5])
        else event
        for event in trace.events
    ]
    changed = any(new is not old for new, old in zip(events, trace.events, strict=True))
    return Trace({**trace.raw, "events": events}, trace.items) if changed else trace


# -- kinds ------------------------------------------------------------------------------------


def status_of(kind: str) -> int | None:
    """The status of a kind of `ServiceError`, None for any other error."""
    status = kind.removeprefix("<")
    return int(status) if status.isdecimal() else None


def is_refusal(kind: str) -> bool:
    """Whether the service refuses by this what it is asked for."""
    return status_of(kind) not in (None, 408, 429, 500, 502, 503, 504)


def _raised(kind: str) -> Error:
    status = status_of(kind)
    if status is None:
        return kind
    text = _WITH_WORDS[is_refusal(kind)]
    return Own("ServiceError", (status, text), below=kind.startswith("<"))


_WORDS = {
    **{
        name: f"another library's {name}"
        for name in ("ServiceError", "TransientError", "ReadTimeout", "ConnectionLost")
    },
    "ExceptionGroup": "a group of ServiceErrors",
    "HardStop": "an exception that is no Exception",
}


def words(kind: str) -> str:
    """The kind for a sentence: `a TimeoutError`, `a ServiceError(422)`, `a subclass of OSError`."""
    if kind in _WORDS:
        return _WORDS[kind]
    status = status_of(kind)
    name = kind.removeprefix("<") if status is None else f"ServiceError({status})"
    article = "an" if name[0] in "AEIOU" else "a"
    return f"a subclass of {name}" if kind.startswith("<") else f"{article} {name}"
