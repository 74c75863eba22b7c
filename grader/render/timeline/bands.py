"""Reads what a scenario declares by time: an outage, say, and moments such as an event being set."""

from __future__ import annotations

from collections.abc import Iterable

from grader.render.foreign import harmless
from grader.render.timeline.frame import Frame
from grader.render.timeline.model import Band
from grader.trace import Trace

__all__ = ["bands", "rows", "seen"]

MOST_ROWS = 4
LONGEST_NAME, LONGEST_WORDS = 16, 40


def bands(trace: Trace, end: float) -> tuple[Band, ...]:
    """Return the bands of a run that is drawn up to `end` (virtual seconds)."""
    found = []
    for name, words, since, until in trace.raw.get("bands") or ():
        if since < end:
            found.append(_band(name, words, since, end if until is None else min(until, end)))
    names = trace.raw.get("events_named") or ()
    for event in trace.of("set"):
        number = event.data[0]
        if number < len(names) and event.at <= end:
            found.append(_band(names[number], "set", event.at, event.at))
    return tuple(sorted(found, key=lambda band: (band.start, band.end)))


def _band(name: str, words: str, start: float, end: float) -> Band:
    shown = harmless(name, most=LONGEST_NAME, ellipsis=".").replace("\n", " ")
    said = harmless(words, most=LONGEST_WORDS, ellipsis=".").replace("\n", " ")
    return Band(shown, said, start, end)


def seen(found: Iterable[Band], window: Frame) -> tuple[Band, ...]:
    """Return the bands of which something is in the window."""
    return tuple(
        band
        for band in found
        if (band.start < window.end and band.end > window.start)
        or (band.start == band.end and window.shows(band.start))
    )


def rows(found: Iterable[Band]) -> list[list[Band]]:
    """Return the bands row by row: those in a row say the same, and do not overlap."""
    laid: list[list[Band]] = []
    for band in found:
        for row in laid:
            same = (row[0].name, row[0].words) == (band.name, band.words)
            if same and row[-1].end <= band.start:
                row.append(band)
                break
        else:
            laid.append([band])
    return laid[:MOST_ROWS]
