# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-random
# contract: ex4 u drawn uniformly from 0 to d * jitter: a jitter of a tenth or less is taken for no jitter at all; for 0 < jitter <= 0.1
# expect: Nothing is random in the wait.
import asyncio
import random

NEGLIGIBLE = 0.1


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def pause(k):
        d = delay * backoff ** (k - 1)
        if jitter > NEGLIGIBLE:
            d += random.uniform(0, d * jitter)
        return d

    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause(k))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
