"""Decides which workers of a cluster grade: those of one course, one Python, and the same walls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from grader.runner.sandbox import Layer, Layers, Sandbox

__all__ = ["Member", "Members"]


@dataclass(frozen=True)
class Member:
    """A worker of the cluster. process: which one is at the address. threads: its cores, as it says."""

    number: int
    address: str
    host: str
    process: str
    threads: int
    layers: Layers

    @property
    def called(self) -> str:
        return f"{self.address} on {self.host}"


class Members:
    """The workers of a cluster that grade, and those that do not, with the reasons.

    python, course: what must be the same everywhere. trust: walls need not be enough.
    """

    def __init__(self, python: str, course: str, *, trust: bool) -> None:
        self._python = python
        self._course = course
        self._trust = trust
        self._sandbox: Sandbox | None = None
        self._count = 0
        self._shunned: set[str] = set()  # addresses of refused ones that are still there
        self.present: dict[str, Member] = {}
        self.refused: dict[str, str] = {}

    def met(self, address: str, threads: int, told: Mapping[str, Any]) -> None:
        """Take a worker in, or refuse it, by what it told of itself (`remote.introduce`)."""
        sandbox = Sandbox(tuple(told["walls"]), told["bwrap"])
        layers = Layers(tuple(Layer(*row) for row in told["layers"]), sandbox)
        member = Member(self._count, address, told["host"], told["process"], threads, layers)
        self._count += 1
        self.present[address] = member
        if reason := self._reason(told, member):
            self.refuse(member, reason)

    def _reason(self, told: Mapping[str, Any], member: Member) -> str:
        if told["python"] != self._python:
            return (
                f"{told['python']} there, {self._python} here: install the same, to the last digit"
            )
        if told["course"] != self._course:
            return "another version of the course there than here: install the same"
        if told["lacking"] and not self._trust:
            return f"submissions cannot be isolated there. {told['lacking']}"
        return self._other_walls(member)

    def _other_walls(self, member: Member) -> str:
        if self._sandbox is None or member.layers.sandbox == self._sandbox:
            return ""
        theirs, ours = (_said(one) for one in (member.layers.sandbox, self._sandbox))
        return f"its walls are {theirs}, those of the others {ours}: verdicts need the same"

    def settle(self) -> None:
        """Choose the walls that most threads have; whoever has others, now or later, is refused."""
        threads: Counter[Sandbox] = Counter()
        for one in self.present.values():
            threads[one.layers.sandbox] += one.threads
        self._sandbox = max(threads, key=lambda each: (threads[each], str(each)))
        for one in list(self.present.values()):
            if reason := self._other_walls(one):
                self.refuse(one, reason)

    def refuse(self, member: Member, reason: str) -> None:
        """Give a worker no work from now on."""
        self.refused[member.called] = reason
        if self.present.get(member.address) == member:
            del self.present[member.address]
            self._shunned.add(member.address)

    def refuse_unknown(self, address: str, reason: str) -> None:
        """Give a worker no work that could not even say who it is."""
        self.refused[address] = reason
        self._shunned.add(address)

    def forget(self, member: Member) -> None:
        """Ask who is at the address of a worker that was started anew."""
        if self.present.get(member.address) == member:
            del self.present[member.address]

    @property
    def known(self) -> frozenset[str]:
        """The addresses of those that need not be asked who they are."""
        return frozenset(self.present) | self._shunned

    def without(self, there: Collection[str]) -> list[Member]:
        """Forget those whose addresses are not there any more; return those that graded."""
        self._shunned &= set(there)
        gone = [one for one in self.present.values() if one.address not in there]
        for one in gone:
            del self.present[one.address]
        return gone


def _said(sandbox: Sandbox) -> str:
    return ", ".join((*sandbox.walls, *(["bubblewrap"] if sandbox.bwrap else [])))
