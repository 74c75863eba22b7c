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
        self._children: dict[int, int] = {}  # each with its group
        self._uids: dict[int, int] = {}  # the spare user of each group
        self._users: SpareUsers | None = None
        self._left: set[int] = set()  # groups of which something may still run elsewhere
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

    def fork(self, group: int = 0) -> int:
        """As `os.fork`; the child keeps nothing of the household but its walls.

        group: children of one group have the same user, as the runs of a program on one machine do.
        """
        if self._users is not None and group not in self._uids:
            self._uids[group] = self._users.take()
        try:
            pid = os.fork()
        except BaseException:
            if self._users is not None and group not in self._children.values():
                self._users.give_back(self._uids.pop(group))
            raise
        if pid:
            self._children[pid] = group
            return pid
        if self._users is not None:
            self._users.close()  # now: later its descriptor's number may be another's
        if self._users is not None and self.walls is not None:
            self.walls = self.walls.of_user(self._uids[group])
        return pid

    def end(self, pid: int) -> int:
        """End a child, its processes, and what they left elsewhere; returns its status."""
        group = self._children.pop(pid, None)
        # A child that was just forked may not lead its group yet.
        for end in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        self.sweep()
        if group is not None:
            self._let_go(group)
        return status

    def _let_go(self, group: int) -> None:
        """With the last child of a group everything ends that runs as its spare user.

        All that a child starts is ours when it ends, and swept up; where nothing was found, nothing is
        left that a fork would be worth to look for.
        """
        if group in self._uids and group not in self._children.values():
            uid = self._uids.pop(group)
            if group in self._left or not self._adopts:
                end_all_of(uid)
            self._left.discard(group)
            assert self._users is not None, "who has no spare users lends none"
            self._users.give_back(uid)

    def sweep(self) -> None:
        """End what no longer has a parent of its own."""
        if self._adopts and end_orphans(self._children):
            self._left.update(self._uids)

    def end_all(self) -> None:
        """End all children."""
        for pid in list(self._children):
            self.end(pid)
