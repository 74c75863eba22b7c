# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; each consumer has an unseeded generator of its own
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
from random import Random


class TransientError(Exception):
    pass


class Pauses:
    def __init__(self, delay, backoff, jitter):
        self.delay, self.backoff, self.jitter = delay, backoff, jitter
        self.random = Random()

    def after(self, failures):
        low = self.delay * self.backoff ** (failures - 1)
        return self.random.uniform(low, low * (1 + self.jitter))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    pauses = Pauses(delay, backoff, jitter)
    while True:
        item = await q.get()
        for failures in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if failures < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pauses.after(failures))
        else:
            stats["failed"] += 1
        q.task_done()
