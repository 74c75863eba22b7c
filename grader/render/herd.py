"""The herd: when clients that failed at one instant come back, counted in slices of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.trace import Trace

__all__ = ["SLICE", "Arrivals", "Herd", "Peak", "arrivals"]

SLICE = 0.005
"""Seconds in which arrivals count as one crowd."""


@dataclass(frozen=True)
class Peak:
    """The largest crowd of a wave, and the beginning of its slice in virtual seconds."""

    count: int
    at: float


@dataclass(frozen=True)
class Arrivals:
    """The retries of many clients.

    counts: by slice, the first being number 0. waves: the peak of the first retries, of the second
    ones, ... note: why there is nothing to show, where that is so.
    """

    label: str
    counts: Mapping[int, int] = field(default_factory=dict)
    waves: tuple[Peak, ...] = ()
    note: str = ""

    @property
    def peak(self) -> Peak | None:
        """The largest crowd of all, None when nobody came back."""
        return _peak(self.counts)

    @property
    def summary(self) -> str:
        """The peaks in words."""
        if self.note:
            return self.note
        if self.peak is None:
            return "nobody came back: nothing was tried again"
        waves = " · ".join(f"retry {n}: {wave.count}" for n, wave in enumerate(self.waves, 1))
        return f"peak {self.peak.count} at {self.peak.at:.3f} s ({waves})"


@dataclass(frozen=True)
class Herd:
    """The same crowd of clients with several ways to wait, on one axis."""

    clients: int
    rows: tuple[Arrivals, ...]

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last slice in which anybody comes."""
        numbers = [number for row in self.rows for number in row.counts]
        return (min(numbers), max(numbers)) if numbers else (0, 0)

    @property
    def highest(self) -> int:
        """The largest crowd of all rows."""
        return max((count for row in self.rows for count in row.counts.values()), default=1)


def arrivals(label: str, trace: Trace) -> Arrivals:
    """All retries of a trace; the first tries are no arrivals, they are the failure itself."""
    waves: dict[int, Counter[int]] = {}
    counts: Counter[int] = Counter()
    for one in trace.tries:
        if one.number > 1:
            number = int(one.start / SLICE + 1e-6)
            counts[number] += 1
            waves.setdefault(one.number, Counter())[number] += 1
    peaks = [_peak(waves[number]) for number in sorted(waves)]
    return Arrivals(label, dict(counts), tuple(peak for peak in peaks if peak))


def _peak(counts: Mapping[int, int]) -> Peak | None:
    if not counts:
        return None
    number = min(counts, key=lambda place: (-counts[place], place))
    return Peak(counts[number], round(number * SLICE, 3))
