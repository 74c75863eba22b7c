"""Reads the lanes from a trace: what each task did, and for how long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from grader.render.foreign import harmless, shortened
from grader.render.timeline.depth import set_aside
from grader.render.timeline.model import Lane, Mark, Sign, Span, State
from grader.trace import SAME_TIME, Cast, Event, Trace, Try, limits

__all__ = ["lane_name", "lanes"]

LONGEST_NAME, LONGEST_ITEM = 16, 12  # characters of a task's name, and of an item's in its lane
_MARKS = {
    "ok": Sign.DONE,
    "transient": Sign.FAILED,
    "error": Sign.ERROR,
    "cancelled": Sign.CANCELLED,
    "stopped": Sign.ERROR,
}
# Where two states overlap, the one listed earlier here is shown.
_ORDER = {
    state: place
    for place, state in enumerate(
        (
            State.BLOCKED,
            State.WORK,
            State.PUT,
            State.GET,
            State.JOIN,
            State.BACKOFF,
            State.SLEEP,
            State.STUCK,
            State.WAIT,
        )
    )
}


def lane_name(cast: Cast, task: int) -> str:
    """Return the name of a task's lane, as a screen may show it."""
    return harmless(cast.name(task), most=LONGEST_NAME, ellipsis=".")


def lanes(trace: Trace, cast: Cast, end: float) -> tuple[Lane, ...]:
    """Return the lanes of a trace, drawn up to `end` (virtual seconds)."""
    spans: dict[int, list[Span]] = defaultdict(list)
    marks: dict[int, list[Mark]] = defaultdict(list)
    ended_by = limits(trace)
    for one in trace.tries:
        lane = cast.lane(one.task)
        spans[lane].append(_work(trace, one, end))
        own = list(_outcome(trace, one))
        limit = ended_by.get(one.order)
        if limit is not None and one.end is not None and own[-1].sign is Sign.GAVE_UP:
            spans[lane].append(Span(State.BACKOFF, one.end, limit.at))
            own = [Mark(Sign.FAILED, one.end), Mark(Sign.GAVE_UP, limit.at)]
        marks[lane] += own
    for task, span in (*_backoffs(trace), *_waits(trace, end), *_sleeps(trace)):
        spans[cast.lane(task)].append(span)
    for event in _set_aside(trace):
        marks[cast.lane(event.task)].append(Mark(Sign.ASIDE, event.at))
    for event, _error in cast.died:
        marks[cast.lane(event.task)].append(Mark(Sign.DIED, event.at))
    for task, span in _alive(trace, end):
        spans[task].append(span)
    stops = [Span(State.BLOCKED, b.at, round(b.at + b.seconds, 9)) for b in trace.blocked]
    for task, since in _stuck(trace, cast).items():
        spans[task].append(Span(State.STUCK, since, end))
    return tuple(
        Lane(
            task,
            lane_name(cast, task),
            tuple(_without_overlap([*spans[task], *stops])),
            tuple(sorted(marks[task], key=lambda mark: mark.at)),
        )
        for task in cast.tasks()
    )


def _work(trace: Trace, one: Try, end: float) -> Span:
    name = shortened(trace.name(one.item), LONGEST_ITEM)
    label = name if one.number == 1 else f"{name}:{one.number}"
    return Span(State.WORK, one.start, end if one.end is None else one.end, label)


def _outcome(trace: Trace, one: Try) -> Iterator[Mark]:
    if one.end is None or one.outcome is None:
        return
    sign = _MARKS.get(one.outcome, Sign.ERROR)
    last = trace.tries_of(one.item)[-1] is one and trace.how != "time_limit"
    yield Mark(Sign.GAVE_UP if sign is Sign.FAILED and last else sign, one.end)


def _set_aside(trace: Trace) -> Iterator[Event]:
    """Yield each put of the learner's into a queue of the scenario's that the learner never reads."""
    aside = set_aside(trace)
    for event in trace.of("put"):
        if event.task and event.data[0] in aside:
            yield event


def _backoffs(trace: Trace) -> Iterator[tuple[int, Span]]:
    for retry in trace.retries:
        if retry.pause > SAME_TIME:
            yield retry.task, Span(State.BACKOFF, retry.start, retry.start + retry.pause)


_ENDED_BY: Mapping[str, tuple[State, tuple[str, ...]]] = {
    "put_wait": (State.PUT, ("put",)),
    "get_wait": (State.GET, ("get",)),
    "join": (State.JOIN, ("joined",)),
}


def _waits(trace: Trace, end: float) -> Iterator[tuple[int, Span]]:
    """Yield each wait for the queue, from its first event to the one that ends it."""
    since: dict[tuple[int, State], float] = {}
    for event in trace.events:
        if event.kind in _ENDED_BY:
            since.setdefault((event.task, _ENDED_BY[event.kind][0]), event.at)
            continue
        for key in _ended(event, since):
            start = since.pop(key)
            if event.at - start > SAME_TIME:
                yield key[0], Span(key[1], start, event.at)
        if event.kind == "quiet":
            break  # the rest is the lab's own cleanup
    for (task, state), start in since.items():
        yield task, Span(state, start, end)


def _ended(event: Event, since: Iterable[tuple[int, State]]) -> list[tuple[int, State]]:
    if event.kind == "end":
        return [key for key in since if key[0] == event.task]
    closing = {state for state, ends in _ENDED_BY.values() if event.kind in ends}
    return [key for key in since if key[0] == event.task and key[1] in closing]


def _sleeps(trace: Trace) -> Iterator[tuple[int, Span]]:
    for event in trace.of("timer"):
        start = max(0.0, event.at - event.data[0])
        if event.task and event.at - start > SAME_TIME:
            yield event.task, Span(State.SLEEP, start, event.at)


def _alive(trace: Trace, end: float) -> Iterator[tuple[int, Span]]:
    """Yield the life of each task: where nothing else is known of it, it waits, for a lock perhaps."""
    ends = {event.task: event.at for event in trace.of("end")}
    over = min((event.at for event in trace.of("quiet", "return")), default=end)
    for event in trace.of("spawn"):
        task = event.data[0]
        until = min(ends.get(task, over), over)
        if until - event.at > SAME_TIME:
            yield task, Span(State.WAIT, event.at, until)


def _stuck(trace: Trace, cast: Cast) -> dict[int, float]:
    """Return the lanes of tasks waiting at the end, each with the time of its last event."""
    last = {cast.lane(event.task): event.at for event in trace.events if event.kind != "timer"}
    waiting = {cast.lane(wait.task) for wait in trace.waits}
    return {task: at for task, at in last.items() if task in waiting}


def _without_overlap(spans: list[Span]) -> Iterator[Span]:
    """Yield the spans without overlap; `_ORDER` decides which state hides which."""
    starts = sorted(spans, key=lambda span: span.start)
    times = sorted({time for span in spans for time in (span.start, span.end)})
    active: list[Span] = []
    shown: Span | None = None
    since = place = 0.0
    following = 0
    for time in times:
        place = time
        while following < len(starts) and starts[following].start <= time:
            active.append(starts[following])
            following += 1
        active = [span for span in active if span.end > time]
        top = min(active, key=_rank, default=None)
        if top is not shown:
            yield from _visible(shown, since, time)
            shown, since = top, time
    yield from _visible(shown, since, place)


def _rank(span: Span) -> tuple[int, float]:
    return _ORDER[span.state], span.start


def _visible(span: Span | None, start: float, end: float) -> Iterator[Span]:
    """Yield the visible part of a span; only its beginning keeps the label."""
    if span is not None and end - start > SAME_TIME:
        label = span.label if start - span.start <= SAME_TIME else ""
        yield Span(span.state, start, end, label)
