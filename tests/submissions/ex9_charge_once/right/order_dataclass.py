# label: right
# exercise: ex9_charge_once
# contract: keeps every point; an order is an object that draws its key when it is made, and counts its own tries
# expect: Passed.
from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass, field
from typing import Any


class TransientError(Exception):
    pass

@dataclass(eq=False)
class Order:
    item: Any
    key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    failures: int = 0

    async def attempt(self, charge) -> bool:
        try:
            await charge(self.item, key=self.key)
        except TransientError:
            self.failures += 1
            return False
        return True


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        order = Order(await q.get())
        while not (paid := await order.attempt(charge)) and order.failures < attempts:
            d = delay * backoff ** (order.failures - 1)
            stats["retried"] += 1
            await asyncio.sleep(d * (1 + jitter * random.random()))
        stats["consumed" if paid else "failed"] += 1
        q.task_done()
