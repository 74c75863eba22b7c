"""The child processes of a server of submissions, from fork to final cleanup."""

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
    """Forks children, and ends them together with everything they started.

    walls: the walls for each child (`grader.lab.confine`), names separated by commas. In a child,
        `household.walls` holds them with its own user; None if there are none.
    """

    def __init__(self, walls: str = "") -> None:
        self.walls: Walls | None = None
        self._children: dict[int, int] = {}  # the group of each pid
        self._uids: dict[int, int] = {}  # the spare user of each group
        self._users: SpareUsers | None = None
        self._left: set[int] = set()  # groups that may still have processes outside their children
        self._adopts = sys.platform == "linux" and adopt_orphans()
        if walls:
            # Imported only when walls are wanted, since not every system has what it needs; and here
            # rather than in each child again.
            from grader.lab import notices  # noqa: F401
            from grader.lab.confine import Walls, prepared

            self.walls = Walls(frozenset(walls.split(",")))
            with contextlib.suppress(OSError):  # each child will run into it again and report it
                self.walls = prepared(self.walls)
            self._users = SpareUsers() if "user" in self.walls else None

    def __len__(self) -> int:
        """The number of children; in a child, the number of those forked before it."""
        return len(self._children)

    def fork(self, group: int = 0) -> int:
        """As `os.fork`; the child keeps only the walls of the household.

        group: children of one group run as the same user, like runs of a program on one machine.
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
            self._users.close()  # now: later its descriptor's number may be reused
        if self._users is not None and self.walls is not None:
            self.walls = self.walls.of_user(self._uids[group])
        return pid

    def end(self, pid: int) -> int:
        """End a child, its process group and its orphans; returns its status."""
        group = self._children.pop(pid, None)
        # A child that was just forked may not lead its process group yet.
        for end in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                end(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        self.sweep()
        if group is not None:
            self._let_go(group)
        return status

    def _let_go(self, group: int) -> None:
        """When the last child of a group has ended, end everything else that runs as its spare user.

        Orphans become children of this process and are swept up; if none were found, nothing is left
        that would justify the fork of `end_all_of`.
        """
        if group in self._uids and group not in self._children.values():
            uid = self._uids.pop(group)
            if group in self._left or not self._adopts:
                end_all_of(uid)
            self._left.discard(group)
            assert self._users is not None, "who has no spare users lends none"
            self._users.give_back(uid)

    def sweep(self) -> None:
        """End all orphans."""
        if self._adopts and end_orphans(self._children):
            self._left.update(self._uids)

    def end_all(self) -> None:
        """End all children."""
        for pid in list(self._children):
            self.end(pid)
