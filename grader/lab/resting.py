"""Detects idle runs: every consumer only waits, although timers still fire (a heartbeat)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from grader.lab.loop import Engine

__all__ = ["Resting"]

# Virtual seconds in which all consumers only looked for items and found none. After the last item, REST
# means that nothing more will happen; before it, LONG_REST allows skipping the looks in between.
REST, LONG_REST = 10.0, 20.0
BEATS = 20  # timers that fire before they count as a heartbeat
HEARTBEAT = 10.0  # virtual seconds: timers that keep firing sooner than this are not timeouts


class Resting:
    """Tells the engine how far to move the clock if everybody only waits.

    tries_open: returns the number of running tries.
    planned: the times of the script's own actions, ascending, in virtual seconds.
    """

    def __init__(
        self, engine: Engine, tries_open: Callable[[], int], planned: Sequence[float]
    ) -> None:
        self._engine = engine
        self._record = engine.recorder
        self._tries_open = tries_open
        self._planned = planned

    def until_quiet(self, queue: Any, calls: Sequence[Any], until: float) -> float | None:
        """The time of the next real event, if all calls only wait for the queue.

        A consumer may wait with a timeout and try again, or have a reporter beside it.

        until: the time of the next timer.

        Returns None if it is too early to say or the clock moves in large steps anyway, and infinity
        if nothing will happen any more.
        """
        now, worked_at = self._engine.clock.now, self._record.worked_at
        if now - worked_at < REST:
            return None
        tries = self._tries_open()
        idle = now - max(worked_at, *(at for at in self._planned if at <= now), 0.0)
        coming = next((at for at in self._planned if at > now), math.inf)
        over = coming == math.inf and not tries
        if idle < (REST if over else LONG_REST) or (not over and until - now > HEARTBEAT):
            return None
        alive = sum(task is not None and not task.done() for task in calls)
        if over:
            return math.inf if _waiting(queue) >= alive else None
        first = min(coming, self._engine.first_but_beats(HEARTBEAT))
        wait = _waiting(queue) + tries >= alive or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def until_returned(self, hands: int, until: float) -> float | None:
        """The same for calls that return: it only cuts long waits short.

        hands: the number of open tries at which every consumer is busy.
        """
        now = self._engine.clock.now
        if until - self._record.worked_at < LONG_REST or until - now > HEARTBEAT:
            return None
        first = self._engine.first_but_beats(HEARTBEAT)
        wait = self._tries_open() >= hands or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def _only_hearts_beat(self) -> bool:
        """Whether the tasks that wake soon are only heartbeats: none of them has ever begun a try."""
        soon = self._engine.wakes_before(self._engine.clock.now + HEARTBEAT)
        beats = sum(self._record.beats[task] for task in soon)
        return beats >= BEATS and not soon & self._record.workers


def _waiting(queue: Any) -> int:
    """The number of tasks waiting to get an item from this queue."""
    getters = getattr(queue, "__dict__", {}).get("_getters") or ()
    return sum(not getter.done() for getter in getters) if type(getters) is deque else 0
