# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-once-per-consumer
# contract: ex4: 6: the list of waits, one for each retry, is drawn before the loop over the items, so every item of a consumer has the same waits; from the second failing item on
# expect: All retries of a consumer use one draw.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    clean = [delay * backoff**n for n in range(attempts - 1)]
    waits = [d + random.uniform(0, d * jitter) for d in clean]
    while True:
        item = await q.get()
        for wait in [*waits, None]:
            try:
                await process_item(item)
            except TransientError:
                if wait is not None:
                    stats["retried"] += 1
                    await asyncio.sleep(wait)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
