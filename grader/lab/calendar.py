"""`datetime` in virtual time: the same classes, reading the lab's clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.lab.hidden import opaque
from grader.lab.patches import Patches

__all__ = ["install"]


def install(patches: Patches, wall: Callable[[], float]) -> None:
    """Make `datetime.datetime` and `datetime.date` read `wall`: seconds since 1970.

    Otherwise they behave like the originals (`isinstance`, names, arithmetic, parsing).
    """
    import datetime as dt

    real_time, real_date = dt.datetime, dt.date

    def now(cls: Any, tz: Any = None) -> Any:
        return cls.fromtimestamp(wall(), tz)

    def utcnow(cls: Any) -> Any:
        return now(cls, dt.UTC).replace(tzinfo=None)

    def today(cls: Any) -> Any:
        return cls.fromtimestamp(wall())

    readings = {"now": now, "utcnow": utcnow, "today": today}
    patches.set(dt, "datetime", _like(real_time, readings))
    patches.set(dt, "date", _like(real_date, {"today": today}))


def _like(real: type, readings: dict[str, Callable[..., Any]]) -> type:
    """A stand-in for the class `real`, with these class methods replaced."""

    def is_one(_cls: Any, thing: Any) -> bool:
        return isinstance(thing, real)

    def is_kind(_cls: Any, kind: Any) -> bool:
        return issubclass(kind, real)

    checks = {"__instancecheck__": opaque(is_one), "__subclasscheck__": opaque(is_kind)}
    meta: Any = type("type", (type,), checks)
    methods: dict[str, Any] = {name: classmethod(opaque(f, like=f)) for name, f in readings.items()}
    names = {"__slots__": (), "__module__": "datetime", "__doc__": real.__doc__}
    found: type = meta(real.__name__, (real,), {**names, **methods})
    return found
