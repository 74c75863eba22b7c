"""Notes on the queue and on how busy everybody is: no bound, not filled, idle consumers."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.timeline.depth import carrier
from grader.render.timeline.model import Note
from grader.render.timeline.notes.evidence import Evidence
from grader.trace import SAME_TIME

__all__ = ["first_put", "full", "idle", "unbounded", "unfilled"]


def unbounded(evidence: Evidence) -> Iterator[Note]:
    """The first moment at which more items wait than the bound and the producer's hand can hold."""
    maxsize = evidence.asked.get("maxsize")
    if not evidence.pipeline or type(maxsize) is not int:
        return
    moments = evidence.moments
    over = next((moment for moment in moments if moment.waiting > maxsize + 1), None)
    if over is None:
        return
    peak = max(moments, key=lambda moment: moment.waiting)
    bounds = {event.data[0]: event.data[1] for event in evidence.trace.of("queue")}
    held = bounds.get(carrier(evidence.trace) or 0)
    why = " · it has no bound" if held == 0 else f" · its bound is {held}" if held else ""
    text = (
        f"{peak.waiting} items wait, with maxsize={maxsize}{why} → nothing holds the producer back"
    )
    if held and held > maxsize:
        text = f"{peak.waiting} items wait, with maxsize={maxsize}{why}"
    yield evidence.note(peak.at, None, "unbounded", text)


def unfilled(evidence: Evidence) -> Iterator[Note]:
    """The first moment at which the queue could be full, and is not."""
    maxsize, consumers = evidence.asked.get("maxsize"), evidence.consumers
    if not evidence.pipeline or type(maxsize) is not int or consumers is None:
        return
    for moment in evidence.moments:
        busy = moment.at_work >= consumers and moment.taken < len(evidence.trace.items)
        depth = moment.waiting if moment.depth is None else moment.depth
        if busy and depth < maxsize:
            text = f"only {depth} of maxsize={maxsize} wait, though all consumers are busy"
            yield evidence.note(moment.at, None, "unfilled", text + " and items are left")
            return


def idle(evidence: Evidence) -> Iterator[Note]:
    """The first moment at which a consumer could work, and does not."""
    consumers, total = evidence.consumers, len(evidence.trace.items)
    if not evidence.pipeline or consumers is None:
        return
    for moment in evidence.moments[:-1]:
        wished = min(consumers, total - moment.settled)
        if moment.at_work < wished:
            what = "item is" if moment.at_work == 1 else "items are"
            text = f"{moment.at_work} {what} worked on, while {wished} could be"
            yield evidence.note(moment.at, None, "idle", text)
            return


def full(evidence: Evidence) -> Iterator[Note]:
    """The first time that the producer waits for room, as it should."""
    waits = [event for event in evidence.trace.of("put_wait") if event.task]
    if waits:
        text = "waits for room: the queue is full, and the producer goes no faster than the work"
        yield evidence.note(waits[0].at, waits[0].task, "full", text, wrong=False)


def first_put(evidence: Evidence) -> Iterator[Note]:
    """The first put, after which the log should have had its line."""
    for put in evidence.trace.puts:
        if put.task:
            later = [p for p in evidence.trace.prints if p.at <= put.at + SAME_TIME]
            text = f"put {evidence.item(put.item)}, and printed no line for it"
            if not [line for line in later if line.text.startswith("PROD ")]:
                yield evidence.note(put.at, put.task, "log", text)
            return
