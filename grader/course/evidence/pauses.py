"""Evidence on waiting: wrong pauses between tries, unwanted sleeps, herds of clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from grader.course.evidence.scene import Scene, where
from grader.results import Sight
from grader.trace import SAME_TIME, Event, Retry, Try
from grader.units import brief

__all__ = ["crowds", "pauses", "restarts", "sleeps", "unasked"]

TOGETHER = 0.005  # seconds within which arrivals count as one crowd
A_CROWD = 8  # the fewest clients in a herd


def pauses(scene: Scene) -> Iterator[Sight]:
    """Pauses outside their window, shown where the next try begins too early or too late."""
    for retry in scene.trace.retries:
        if retry.number <= len(scene.windows):
            low, high = scene.windows[retry.number - 1]
            yield from _unlike(scene, retry, low, high)


def unasked(scene: Scene) -> Iterator[Sight]:
    """Pauses in exercises whose retries should come at once."""
    for retry in scene.trace.retries:
        yield from _unlike(scene, retry, 0.0, 0.0)


def _unlike(scene: Scene, retry: Retry, low: float, high: float) -> Iterator[Sight]:
    slack = SAME_TIME + low * 1e-9
    if not low - slack <= retry.pause <= high + slack:
        yield _off(scene, retry, low, high)


def _off(scene: Scene, retry: Retry, low: float, high: float) -> Sight:
    wanted = "none" if not high else brief(low) if high == low else f"{brief(low)} to {brief(high)}"
    item, again = scene.item(retry.item), retry.start + retry.pause
    waited = "did not wait" if retry.pause <= SAME_TIME else f"waited {brief(retry.pause)}"
    verdict = "too short" if retry.pause < low else "too long"
    text = f"{waited} before try {retry.number + 1} of {item} · asked {wanted} → {verdict}"
    failed = scene.by_item[retry.item][retry.number - 1]
    return scene.sight(again, retry.task, "pause", text, around=(failed.start, again), begins=True)


def restarts(scene: Scene) -> Iterator[Sight]:
    """First pauses that differ between items, although no setting makes them differ."""
    firsts = [retry for retry in scene.trace.retries if retry.number == 1]
    for retry in firsts[1:]:
        if abs(retry.pause - firsts[0].pause) > SAME_TIME:
            text = (
                f"waited {brief(retry.pause)} before the first retry of {scene.item(retry.item)} · "
                f"{scene.item(firsts[0].item)} waited {brief(firsts[0].pause)}"
            )
            yield scene.sight(retry.start + retry.pause, retry.task, "pause", text, begins=True)


# -- sleeps that do not belong to a retry -------------------------------------------------------


def sleeps(scene: Scene) -> Iterator[Sight]:
    """Sleeps of the producer, of the task that waits for the end, or of a consumer between items.

    And limits of time that were over: what fired there is no sleep, but it cut off a wait.
    """
    trace = scene.trace
    workers = {scene.cast.lane(one.task) for one in trace.tries}
    pausing: dict[int, list[Retry]] = {}
    for retry in trace.retries:
        pausing.setdefault(scene.cast.lane(retry.task), []).append(retry)
    mine: dict[int, list[Try]] = {}
    for one in trace.tries:
        mine.setdefault(scene.cast.lane(one.task), []).append(one)
    for nap, limited in _timers(scene):
        lane = scene.cast.lane(nap.task)
        start = nap.at - nap.data[0]
        if not nap.task or nap.data[0] <= SAME_TIME or _within(nap, pausing.get(lane, [])):
            continue
        if limited == _TRY and "timeout" in scene.asked:
            continue  # that limit is the exercise
        seconds = f"{brief(nap.data[0])}{where(nap.line)}"
        if limited:
            text = f"gives {limited} {seconds}, and goes on without it when they are over"
        elif lane in workers:
            text = f"sleeps {seconds} {_consumers_nap(scene, start, mine[lane])}"
        else:
            text = f"sleeps {seconds} {_others_nap(scene, nap, start)}"
        yield scene.sight(max(0.0, start), nap.task, "sleep", text, around=(start, nap.at))


_TRY = "a try"
_WAITS = {"join": "join()", "get_wait": "get()", "put_wait": "put()", "begin": _TRY}


def _timers(scene: Scene) -> Iterator[tuple[Event, str]]:
    """Yield each timer that fired, with what its task waited for at that moment; "" if it slept."""
    ends = {event.task: event.at for event in scene.trace.of("end")}
    last: dict[int, Event] = {}  # by lane
    for event in scene.trace.events:
        lane = scene.cast.lane(event.task)
        if event.kind == "timer":
            before = last.pop(lane, None)
            # Before Python 3.12 wait_for() runs what it limits in a task of its own.
            if before is not None and before.kind == "spawn":
                helper = before.data[0]
                cut = abs(ends.get(helper, -1.0) - event.at) <= SAME_TIME
                before = last.get(scene.cast.lane(helper)) if cut else None
            yield event, _WAITS.get(before.kind, "") if before is not None else ""
        elif event.kind not in ("print", "stderr", "end"):
            last[lane] = event


def _within(nap: Event, retries: list[Retry]) -> bool:
    """Whether a sleep is part of the pause before a retry."""
    return any(
        retry.start - SAME_TIME <= nap.at - nap.data[0]
        and nap.at <= retry.start + retry.pause + SAME_TIME
        for retry in retries
    )


def _consumers_nap(scene: Scene, start: float, tries: list[Try]) -> str:
    ended = [one for one in tries if one.end is not None and one.end <= start + SAME_TIME]
    if not ended:
        return "before the first try of an item · a waiting item is begun at once"
    last = ended[-1]
    item = scene.item(last.item)
    if last.outcome == "ok":
        return f"after {item} had succeeded · only retries wait"
    return f"after the last failure of {item} · nothing follows that could be waited for"


def _others_nap(scene: Scene, nap: Event, start: float) -> str:
    taken = sum(1 for event in scene.trace.taken if event.at <= start + SAME_TIME)
    if nap.task in {event.task for event in scene.trace.taken} and taken < len(scene.trace.items):
        return "instead of waiting for room in put()"
    return "instead of waiting for the work itself in join()"


# -- herds --------------------------------------------------------------------------------------


def crowds(scene: Scene) -> Iterator[Sight]:
    """The moment at which most of the clients that failed together come back."""
    trace = scene.trace
    firsts = [retry for retry in trace.retries if retry.number == 1]
    failures = Counter(round(retry.start, 6) for retry in firsts)
    together = max(failures, key=lambda at: (failures[at], -at), default=None)
    retries = [retry for retry in firsts if round(retry.start, 6) == together]
    if len(retries) < A_CROWD:
        return
    moments = Counter(round((r.start + r.pause) / TOGETHER) for r in retries)
    place, count = max(moments.items(), key=lambda moment: (moment[1], -moment[0]))
    if count < len(retries) / 4:
        return
    first = next(r for r in retries if round((r.start + r.pause) / TOGETHER) == place)
    at = first.start + first.pause
    text = (
        f"comes back, and {count - 1} of {len(retries) - 1} others at the same moment "
        f"(within {TOGETHER * 1000:g} ms) · they had failed together"
    )
    yield scene.sight(at, first.task, "crowd", text, around=(first.start, at), begins=True)
