# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a policy decides, and a worker with an async __call__ is built for each consumer
# expect: Passed.
from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

@dataclass(frozen=True)
class Policy:
    attempts: int
    delay: float
    backoff: float
    jitter: float
    passing: frozenset[int] = frozenset((408, 429, 500, 502, 503, 504))

    def pauses(self) -> Iterator[float]:
        pause = self.delay
        for _ in range(self.attempts - 1):
            yield pause + random.uniform(0, pause * self.jitter)
            pause *= self.backoff

    def may_pass(self, error: BaseException) -> bool:
        if isinstance(error, ServiceError):
            return error.status in self.passing
        return isinstance(error, (TimeoutError, ConnectionError))


@dataclass
class Worker:
    q: asyncio.Queue
    send: object
    stats: dict
    policy: Policy
    history: list = field(default_factory=list)

    async def __call__(self) -> None:
        while True:
            item = await self.q.get()
            way = await self.settle(item)
            self.stats[way] = self.stats[way] + 1
            self.q.task_done()

    async def settle(self, item) -> str:
        pauses = self.policy.pauses()
        while True:
            try:
                await self.send(item)
                return "consumed"
            except Exception as error:
                if not self.policy.may_pass(error):
                    if isinstance(error, ServiceError):
                        return "rejected"
                    raise
            pause = next(pauses, None)
            if pause is None:
                return "failed"
            self.stats["retried"] += 1
            await asyncio.sleep(pause)


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
) -> None:
    await Worker(q, process_item, stats, Policy(attempts, delay, backoff, jitter))()
