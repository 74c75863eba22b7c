# label: wrong
# exercise: ex4_add_jitter
# misconception: sleeps-after-last-failure
# contract: ex3: a wait after the last failure
# expect: After the last failure the consumer waits once more before it gives up: nothing follows, so there is nothing to wait for.
import asyncio
import random


class TransientError(Exception):
    pass


async def wait(k, delay, backoff, jitter):
    d = delay * backoff ** (k - 1)
    await asyncio.sleep(d + random.uniform(0, d * jitter))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        k = 0
        while k < attempts:
            k += 1
            if k > 1:
                stats["retried"] += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                await wait(k, delay, backoff, jitter)
        else:
            stats["failed"] += 1
        q.task_done()
