"""The children of a process that serves submissions, from their fork to the last of what they left."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from grader.lab.sweep import SpareUsers, adopt_orphans, end_all_of, end_orphans

if TYPE_CHECKING:
    from grader.lab.confine import Walls

__all__ = ["Household"]


class Household:
    """Forks children, and ends them with all that they started.

    walls: what to put up around each child (`grader.lab.confine`), names with commas between.
        `household.walls` has them in a child, with its own user; None where there are none.
    """

    def __init__(self, walls: str = "") -> None:
        self.walls: Walls | None = None
        self._children: dict[int, int | None] = {}  # each with its spare user
        self._users: SpareUsers | None = None
        self._adopts = sys.platform == "linux" and adopt_orphans()
        if walls:
            # Not before it is wanted, for not every system has what it imports; nor later in each
            # child anew.
            from grader.lab import notices  # noqa: F401
            from grader.lab.confine import Walls, prepared

            self.walls = Walls(frozenset(walls.split(",")))
            with contextlib.suppress(OSError):  # which each child will meet again, and tell
                self.walls = prepared(self.walls)
            self._users = SpareUsers() if "user" in self.walls else None

    def __len__(self) -> int:
        """How many children there are; in a child, how many there were before it."""
        return len(self._children)

    def fork(self) -> int:
        """As `os.fork`; the child keeps nothing of the household but its walls."""
        uid = self._users.take() if self._users else None
        try:
            pid = os.fork()
        except BaseException:
            if uid is not None and self._users is not None:
                self._users.give_back(uid)
            raise
        if pid:
            self._children[pid] = uid
            return pid
        if self._users is not None:
            self._users.close()  # now: later its descriptor's number may be another's
        if uid is not None and self.walls is not None:
            self.walls = self.walls.of_user(uid)
        return pid

    def end(self, pid: int) -> int:
        """End a child, its group, and what it left elsewhere; returns its status."""
        uid = self._children.pop(pid, None)
        # A child that was just forked may not lead its group yet.
        for end in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        self.sweep(uid)
        return status

    def sweep(self, uid: int | None = None) -> None:
        """End what no longer has a parent of its own, and all that runs as this spare user."""
        if uid is not None and self._users is not None:
            end_all_of(uid)
            self._users.give_back(uid)
        if self._adopts:
            end_orphans(self._children)

    def end_all(self) -> None:
        """End all children."""
        for pid in list(self._children):
            self.end(pid)
