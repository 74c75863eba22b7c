"""What all things of a script need to be played: the items, the record, and who moves the clock."""

from __future__ import annotations

from typing import NamedTuple

from grader.lab.items import Items
from grader.lab.loop import Engine
from grader.lab.recorder import Recorder

__all__ = ["Stage"]


class Stage(NamedTuple):
    """One run's."""

    items: Items
    record: Recorder
    engine: Engine
