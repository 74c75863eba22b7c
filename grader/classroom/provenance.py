"""Who gave a verdict, where and when: kept with it in the store, for a dispute."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace

from grader.database import stamp

__all__ = ["UNKNOWN", "Provenance", "moment"]


@dataclass(frozen=True)
class Provenance:
    """The machine and the worker that judged one exercise, and when; "" where that is not known.

    host: the machine's name. worker: its process, and on a cluster the address of the cluster's worker.
    began, ended: local time with its offset, ISO 8601.
    """

    host: str = ""
    worker: str = ""
    began: str = ""
    ended: str = ""

    @classmethod
    def here(cls, worker: str, began: str) -> Provenance:
        """Return that of a verdict which was given on this machine just now."""
        return cls(platform.node(), worker, began, moment())

    def at(self, *times: str) -> Provenance:
        """Return the same with other times, `began` and `ended`, if they are given."""
        return replace(self, began=times[0], ended=times[1]) if times else self


UNKNOWN = Provenance()


def moment() -> str:
    """Return the time now, as it is stored: some submissions take less than a second."""
    return stamp("milliseconds")
