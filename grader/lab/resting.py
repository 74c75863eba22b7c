"""Tells quiet from a heartbeat: whether all who could work only wait, though timers go on."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from grader.lab.loop import Engine

__all__ = ["Resting"]

# Virtual seconds in which all consumers only looked for items, and there were none: after the last item
# nothing more is expected then, and before it their looks need not be waited for any longer.
REST, LONG_REST = 10.0, 20.0
BEATS = 20  # so many of them make a heart
HEARTBEAT = 10.0  # virtual seconds: a timer that comes sooner, all that time, is no limit of time


class Resting:
    """Answers the engine before time passes: when to go on, if all only wait.

    tries_open: how many tries run. planned: when the script itself does something, in order of time.
    """

    def __init__(
        self, engine: Engine, tries_open: Callable[[], int], planned: Sequence[float]
    ) -> None:
        self._engine = engine
        self._record = engine.recorder
        self._tries_open = tries_open
        self._planned = planned

    def until_quiet(self, queue: Any, calls: Sequence[Any], until: float) -> float | None:
        """When something is to happen, if all calls only wait for the queue.

        A consumer may wait with a timeout and try again, or have a reporter beside it; `until` is when
        the next of these comes. None: it is too early to say, or time goes on in large steps anyhow.
        Infinity: nothing will happen any more.
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
        first = min(coming, self._engine.first_after(now + HEARTBEAT))
        wait = _waiting(queue) + tries >= alive or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def until_returned(self, hands: int, until: float) -> float | None:
        """The same for calls that return, of which only hours of waiting are made short."""
        now = self._engine.clock.now
        if until - self._record.worked_at < LONG_REST or until - now > HEARTBEAT:
            return None
        first = self._engine.first_after(now + HEARTBEAT)
        wait = self._tries_open() >= hands or self._only_hearts_beat()
        return first if wait and first < math.inf else None

    def _only_hearts_beat(self) -> bool:
        """Whether whoever wakes soon has never had an item in hand: no consumer's pause ends."""
        soon = self._engine.wakes_before(self._engine.clock.now + HEARTBEAT)
        beats = sum(self._record.beats[task] for task in soon)
        return beats >= BEATS and not soon & self._record.workers


def _waiting(queue: Any) -> int:
    """How many wait for an item of this queue."""
    getters = getattr(queue, "__dict__", {}).get("_getters") or ()
    return sum(not getter.done() for getter in getters) if type(getters) is deque else 0
