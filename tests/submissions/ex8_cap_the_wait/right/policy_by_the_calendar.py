# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a dataclass with times of the calendar decides, and the pauses grow by multiplication
# expect: Passed: the policy is asked once for each failed try.
import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta


class TransientError(Exception):
    pass


@dataclass(frozen=True)
class Policy:
    attempts: int
    backoff: float
    jitter: float
    max_delay: float
    until: datetime | None

    def pause(self, grown):
        d = min(self.max_delay, grown)
        return d + random.random() * d * self.jitter

    def allows(self, number, pause):
        if number >= self.attempts:
            return False
        return self.until is None or datetime.now() + timedelta(seconds=pause) <= self.until


async def outcome(policy, attempt, grown, stats):
    number = 1
    while True:
        try:
            await attempt()
        except TransientError:
            pause = policy.pause(grown)
            if not policy.allows(number, pause):
                return "failed"
            stats["retried"] += 1
            await asyncio.sleep(pause)
            number, grown = number + 1, grown * policy.backoff
        else:
            return "consumed"


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        until = None if deadline is None else datetime.now() + timedelta(seconds=deadline)
        policy = Policy(attempts, backoff, jitter, max_delay, until)
        key = await outcome(policy, lambda item=item: process_item(item), delay, stats)
        stats[key] += 1
        q.task_done()
