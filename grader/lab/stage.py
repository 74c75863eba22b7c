"""What every part of a running script needs: the items, the record and the engine."""

from __future__ import annotations

from typing import NamedTuple

from grader.lab.items import Items
from grader.lab.loop import Engine
from grader.lab.recorder import Recorder

__all__ = ["Stage"]


class Stage(NamedTuple):
    """The shared objects of one run."""

    items: Items
    record: Recorder
    engine: Engine
