"""The ruler: each pause before a retry beside the window that the contract asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.render.foreign import shortened
from grader.render.measures import Pause, pause_of
from grader.trace import Trace

__all__ = ["Row", "Ruler", "Scale", "ruler"]

MOST = 8  # rows
FARTHEST = 24  # times the least; a longer axis has powers of ten


@dataclass(frozen=True)
class Row:
    """One retry: the item and the number of the try that it is, and the pause before it."""

    label: str
    pause: Pause


@dataclass(frozen=True)
class Scale:
    """An axis over pauses, in seconds; logarithmic where some are many times as long as others."""

    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1."""
        if self.logarithmic:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, part))


@dataclass(frozen=True)
class Ruler:
    """The pauses to show, in their order; how many more there are, and how many of those are off."""

    rows: tuple[Row, ...]
    more: int = 0
    more_off: int = 0

    @property
    def remainder(self) -> str:
        """What is to be said on the rows that are left out, if there are any."""
        if not self.more:
            return ""
        off = f", {self.more_off} of them not as asked" if self.more_off else ""
        return f"and {self.more} more retr{'y' if self.more == 1 else 'ies'}{off}"

    @property
    def scale(self) -> Scale:
        """An axis on which all rows have room."""
        values = [
            value
            for row in self.rows
            for value in (row.pause.least, row.pause.most, row.pause.waited)
            # None where nobody asked. Below 0 where two tries of one object overlap: it came twice.
            if value is not None and value > 0
        ]
        if not values:
            return Scale(0.0, 0.001)
        low, high = min(values), max(values)
        if high > low * FARTHEST:
            return Scale(low / 1.5, high * 1.1, logarithmic=True)
        return Scale(0.0, high * 1.1)


def ruler(trace: Trace) -> Ruler | None:
    """The ruler of a trace; None where nothing was retried, or nobody said how long to wait.

    The item with the first pause that is not as asked comes first.
    """
    if not trace.raw.get("windows") or not trace.retries:
        return None
    off = next((r.item for r in trace.retries if pause_of(r, trace).verdict), None)
    ordered = sorted(trace.retries, key=lambda r: (r.item != off, r.item, r.number))
    rows = [
        Row(f"{_name(trace, retry.item)}:{retry.number + 1}", pause_of(retry, trace))
        for retry in ordered
    ]
    rest = rows[MOST:]
    return Ruler(tuple(rows[:MOST]), len(rest), sum(bool(row.pause.verdict) for row in rest))


def _name(trace: Trace, item: int) -> str:
    return shortened(trace.name(item), 12)
