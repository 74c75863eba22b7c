"""The record of one scenario as plain data, with queries on it."""

from __future__ import annotations

from grader.trace.apart import apart, numbered
from grader.trace.cast import Cast
from grader.trace.limits import limits
from grader.trace.questions import SAME_TIME, Blocked, Print, QueueStep, Retry, Trace
from grader.trace.record import Event, TraceError, Try, Wait
from grader.trace.replay import Contradiction, contradiction

__all__ = [
    "SAME_TIME",
    "Blocked",
    "Cast",
    "Contradiction",
    "Event",
    "Print",
    "QueueStep",
    "Retry",
    "Trace",
    "TraceError",
    "Try",
    "Wait",
    "apart",
    "contradiction",
    "limits",
    "numbered",
]
