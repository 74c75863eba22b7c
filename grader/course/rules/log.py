"""Whether a pipeline logs each put with the queue's true size.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

import re

from grader.course.kit.failures import Failure, Misconception, asked_of_trace, quoted
from grader.course.kit.lesson import Pipeline
from grader.course.mistakes.log import (
    LOG_FORMAT,
    LOG_LINES_MISSING,
    LOG_NOT_ON_STDOUT,
    SIZE_NOT_FROM_THE_QUEUE,
    SIZE_READ_TOO_EARLY,
    SIZE_READ_TOO_LATE,
)
from grader.course.rules.states import carrier_of
from grader.trace import SAME_TIME, Print, Trace

__all__ = ["logs_true_sizes"]

FIRST_QUEUE = 1
_METHOD = re.compile(r"<bound method (?:\w+\.)*(\w+) of ")


@asked_of_trace
def logs_true_sizes(trace: Trace, scenario: Pipeline) -> None:
    """After each put there is a line `PROD <item> SZ <size>` with the queue's true size."""
    found = [line for line in trace.prints if line.text.startswith("PROD ")]
    if not found:
        raise _why_no_log(trace)
    for item, line in zip(range(len(scenario.jobs)), found, strict=False):
        words = line.text.split(" ")
        if len(words) < 4 or words[1] != trace.text(item) or words[2] != "SZ":
            if _has_none(trace, item, words) and len(found) < len(scenario.jobs):
                raise _lines_missing(trace, item, line, len(found))
            raise _strange_line(trace, _line_of(trace, item) or line, item)
        _after_the_put(trace, line, item)
        _true_size(trace, line, words[3], item)
        _before_the_next(trace, line, item)
    if len(found) != len(scenario.jobs):
        raise LOG_LINES_MISSING(
            f"{len(scenario.jobs)} items were put, but {_begin(len(found))} with PROD.",
            "One line after each put.",
        )


def _has_none(trace: Trace, item: int, words: list[str]) -> bool:
    """Whether an item has no line, and where it should be stands one that is right for a later item."""
    later = {trace.text(place) for place in range(item + 1, len(trace.items))}
    return len(words) > 3 and words[1] in later and words[2] == "SZ" and not _line_of(trace, item)


def _lines_missing(trace: Trace, item: int, line: Print, count: int) -> Misconception:
    return LOG_LINES_MISSING(
        f"{len(trace.items)} items were put, but {_begin(count)} with PROD: item {trace.name(item)} "
        f"has none, and {'the next' if item else 'the first'} reads {quoted(line.text)}.",
        "One line after each put.",
        at=line.at,
        task=line.task,
    )


def _begin(count: int) -> str:
    return "1 line begins" if count == 1 else f"{count} lines begin"


def _line_of(trace: Trace, item: int) -> Print | None:
    """The line meant for an item, whatever precedes it on the line."""
    begins = f"PROD {trace.text(item)} "
    return next((line for line in trace.prints if begins in line.text), None)


def _strange_line(trace: Trace, line: Print, item: int) -> Misconception:
    method = _METHOD.search(line.text)
    uncalled = f": {method[1]} was not called, its parentheses are missing" if method else ""
    return LOG_FORMAT(
        f"The line for item {trace.name(item)} reads {quoted(line.text)}{uncalled}.",
        f"It begins `PROD {trace.text(item)} SZ <size>`, its fields separated by one space.",
        line=line.line,
        at=line.at,
        task=line.task,
    )


def _why_no_log(trace: Trace) -> Failure:
    asks = "After each put, a line on stdout that begins `PROD <item> SZ <size>`."
    errors = [event for event in trace.of("stderr") if "PROD" in event.data[0]]
    if errors:
        return LOG_NOT_ON_STDOUT(
            f"The PROD lines went to stderr (line {errors[0].line}): logging writes there "
            "unless it is told otherwise.",
            asks,
            line=errors[0].line,
        )
    for item in range(len(trace.items)):
        for line in trace.prints:
            by_producer = trace.label(line.task).startswith("producer")
            if (
                by_producer
                and trace.text(item) in line.text
                and len(trace.prints) >= len(trace.items)
            ):
                return _strange_line(trace, line, item)
    return LOG_LINES_MISSING("No line that begins with PROD was printed.", asks)


def _after_the_put(trace: Trace, line: Print, item: int) -> None:
    put = next((step for step in trace.puts if step.item == item), None)
    if put is None or line.order > put.order or line.size is None:
        return
    # A subclass of Queue may print within put(), when the item is in the queue already.
    if line.size <= _depth_before(trace, line, put.queue):
        raise SIZE_READ_TOO_EARLY(
            f"The line for item {trace.name(item)} was printed at {line.at:.3f} s, before the item "
            "was in the queue.",
            "The line comes after the put, and shows the size that the put has led to.",
            line=line.line,
            at=line.at,
            task=line.task,
        )


def _before_the_next(trace: Trace, line: Print, item: int) -> None:
    put = next((step.order for step in trace.puts if step.item == item), None)
    takes = (n for n, event in enumerate(trace.events) if event.kind == "take")
    following = None if put is None else next((n for n in takes if n > put), None)
    if following is not None and following < line.order:
        raise SIZE_READ_TOO_LATE(
            f"The line for item {trace.name(item)} was printed at {line.at:.3f} s, when the next had "
            "been taken already.",
            "The line comes right after the put, before the next item is taken.",
            line=line.line,
            at=line.at,
            task=line.task,
        )


def _depth_before(trace: Trace, line: Print, queue: int) -> int:
    """The size of a queue after the last put or get before a printed line."""
    before = [e for e in trace.events[: line.order] if e.kind in ("put", "get")]
    size: int = next((e.data[1] for e in reversed(before) if e.data[0] == queue), 0)
    return size


def _next_take(trace: Trace, order: int) -> int:
    """The position of the next event in which the source was asked for an item."""
    later = (n for n, event in enumerate(trace.events) if event.kind in ("take", "drained"))
    return next((n for n in later if n > order), len(trace.events))


def _true_size(trace: Trace, line: Print, said: str, item: int) -> None:
    low, high = _possible_sizes(trace, line, item)
    if said.isdecimal() and low <= int(said) <= high:
        return
    if not said.isdecimal():
        raise _strange_line(trace, line, item)
    puts = [step.order for step in trace.puts if step.item == item]
    if puts and said == str(line.size) and puts[0] < line.order < _next_take(trace, puts[0]):
        return  # printed a little after the put, with the size at that moment: acceptable
    true = str(low) if low == high else f"{low} to {high}"
    seen = f"The line for item {trace.name(item)} says SZ {said:.20} at {line.at:.3f} s"
    asks = "The size is the queue's own, after the put: q.qsize() knows it."
    if (
        said == str(line.size)
        and puts
        and line.order > puts[0]
        and carrier_of(trace) == FIRST_QUEUE
    ):
        raise SIZE_READ_TOO_LATE(
            f"{seen}, which is what the queue held then: after the put it was {true}.",
            asks,
            line=line.line,
            at=line.at,
            task=line.task,
        )
    early = int(said) == low - 1 or (bool(puts) and line.order < puts[0])
    mistake = SIZE_READ_TOO_EARLY if early else SIZE_NOT_FROM_THE_QUEUE
    if puts and line.order < puts[0]:
        seen += ", before the item was put"
    raise mistake(
        f"{seen}, but there {'was' if true == '1' else 'were'} {true} in the queue.",
        asks,
        line=line.line,
        at=line.at,
        task=line.task,
    )


def _possible_sizes(trace: Trace, line: Print, item: int) -> tuple[int, int]:
    """The possible sizes of the queue at a line, lowest and highest; equal for an `asyncio.Queue`."""
    carrier = carrier_of(trace)
    put = next((step for step in trace.puts if step.item == item and step.queue == carrier), None)
    if put is not None and put.order < line.order:
        return put.size, put.size  # the size at the put, not when the line was printed
    if carrier is not None:
        # The lab reads the first queue's size at the print: a subclass may print within put().
        first = line.size is not None and carrier == FIRST_QUEUE
        size = line.size if first else _depth_before(trace, line, carrier)
        return size or 0, size or 0
    begun_before = len({e.data[0] for e in trace.events[: line.order] if e.kind == "begin"})
    later = [e for e in trace.events if e.kind == "begin" and e.at <= line.at + SAME_TIME]
    begun_then = len({e.data[0] for e in later})
    return max(0, item + 1 - begun_then), item + 1 - begun_before
