# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; what is left of the deadline is counted down, try by try and pause by pause, and the pause is slept in two pieces
# expect: Passed: a budget of seconds is another way to say the same.
import asyncio
import random
import time
from contextlib import contextmanager


class TransientError(Exception):
    pass


class Purse:
    def __init__(self, seconds):
        self.left = float("inf") if seconds is None else seconds

    @contextmanager
    def paying(self):
        since = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - since


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        purse, d = Purse(deadline), delay
        for number in range(attempts, 0, -1):
            try:
                with purse.paying():
                    await process_item(item)
            except TransientError:
                d = min(d, max_delay)
                clean, extra = d, random.uniform(0, d * jitter)
                d *= backoff
                if number == 1 or clean + extra > purse.left:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                with purse.paying():
                    await asyncio.sleep(clean)
                    await asyncio.sleep(extra)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
