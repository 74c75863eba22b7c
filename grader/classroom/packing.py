"""Packs verdicts into bytes for the store, and leaves traces packed until somebody looks at one.

Traces are most of a verdict, and only timelines and prints need them: of ten passes over a class, two do.
A packed verdict is a zlib stream of all but the traces, and a second one of these. Older stores have one
stream, with the traces in it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from grader.records import exercise_from_record, exercise_record
from grader.results import CheckResult, ExerciseResult, Observation

__all__ = ["pack", "unpack"]

FAST = 1  # a level of compression


def pack(result: ExerciseResult) -> bytes:
    """Return a verdict as bytes."""
    traces = {
        str(place): check.observation.trace
        for place, check in enumerate(result.checks)
        if check.observation.trace is not None
    }
    data = exercise_record(result, traces=False) | {"traced": list(traces)}
    return _packed(data) + (_packed_traces(traces) if traces else b"")


def _packed_traces(traces: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return the traces as bytes; those of a verdict that came packed stay as they are."""
    packed = {
        trace.packed_at(place) if isinstance(trace, _Trace) else None
        for place, trace in traces.items()
    }
    as_they_came = packed.pop()
    if as_they_came is not None and not packed:
        return as_they_came
    return _packed({place: dict(trace) for place, trace in traces.items()})


def unpack(record: bytes) -> ExerciseResult:
    """Return the verdict that `pack` has packed."""
    stream = zlib.decompressobj()
    data: Mapping[str, Any] = json.loads(stream.decompress(record))
    result = exercise_from_record(data)
    if not stream.unused_data:
        return result
    traces = _Traces(stream.unused_data)
    traced = frozenset(data["traced"])
    checks = [
        _with_trace(check, traces, str(place)) if str(place) in traced else check
        for place, check in enumerate(result.checks)
    ]
    return replace(result, checks=tuple(checks))


def _packed(data: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(data).encode(), FAST)


def _with_trace(check: CheckResult, traces: _Traces, place: str) -> CheckResult:
    return replace(check, observation=Observation(_Trace(traces, place)))


class _Traces:
    """The traces of one verdict, which are unpacked together."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    @cached_property
    def all(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        return data


class _Trace(Mapping[str, Any]):
    """A trace that is unpacked when something of it is asked for."""

    def __init__(self, traces: _Traces, place: str) -> None:
        self._traces = traces
        self._place = place

    def packed_at(self, place: str) -> bytes | None:
        """Return all traces that it came with, packed, if it is the one at this place of them."""
        return self._traces.packed if place == self._place else None

    @property
    def _data(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = self._traces.all[self._place]
        return data

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)
