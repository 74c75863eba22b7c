"""The scenario of this exercise: consumers that charge for items, and answers that are lost."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.api import Consume, Own, Plan, Rule, World

__all__ = ["Charges", "charging"]


@dataclass(frozen=True)
class Charges(Consume):
    """As `Consume`, with a service that takes a key.

    lost: pairs of an item's place and the number of a failing try: it charges, and its answer is lost.
    again: pairs of an item's place and a time: that very object is put once more.
    """

    lost: frozenset[tuple[int, int]] = frozenset()
    again: tuple[tuple[int, float], ...] = ()

    def play(self, world: World) -> None:
        """Put each item when its time comes, and start each consumer when its own does."""
        items = world.items(job.item for job in self.jobs)
        queue, counts = world.queue(), world.counts("consumed", "retried", "failed")
        charge = world.service(
            "charge",
            [Plan(job.seconds, job.fails, job.error) for job in self.jobs],
            *(Rule((item,), number, number, lost=True) for item, number in sorted(self.lost)),
            failing=Own("TransientError"),
            keywords=("key",),
        )
        times = [*zip(items, (job.at for job in self.jobs), strict=True), *self.again]
        for place, at in times:
            world.put(queue, place, at)
        for number, name in enumerate(self.names):
            start = self.starts[number] if self.starts else 0.0
            given = name, queue, charge, counts
            world.call("consumer", *given, options=self.said, at=start, task=name)
        if self.cancel is not None:
            world.cancel(at=self.cancel)
        world.until_quiet()


def charging(lesson: Consume) -> Charges:
    """A scenario of the lesson, with a service that takes a key."""
    return Charges(**vars(lesson))
