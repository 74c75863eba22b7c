# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the power is a Decimal, whose exponent may have a million digits more
# expect: Passed: no float overflows, and the clock is read once per failure.
import asyncio
import random
import time
from decimal import Decimal


class TransientError(Exception):
    pass


class Clock:
    def __init__(self, seconds):
        self.zero, self.seconds = time.perf_counter(), seconds

    def has_room_for(self, wait):
        return self.seconds is None or time.perf_counter() - self.zero + wait <= self.seconds


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    ceiling, base, factor = Decimal(max_delay), Decimal(delay), Decimal(backoff)
    while True:
        item = await q.get()
        clock = Clock(deadline)
        k = 0
        while True:
            k += 1
            try:
                result = await process_item(item)
            except TransientError as error:
                result = error
            if not isinstance(result, TransientError):
                stats["consumed"] += 1
                break
            d = float(min(ceiling, base * factor ** (k - 1)))
            wait = d + random.randrange(10_000) / 10_000 * d * jitter
            if k >= attempts or not clock.has_room_for(wait):
                stats["failed"] += 1
                break
            stats["retried"] += 1
            await asyncio.sleep(wait)
        q.task_done()
