# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-once-per-consumer
# contract: ex4: all retries of a consumer use one draw
# expect: The random number is drawn once, when the consumer starts: draw afresh for every retry.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    factor = random.uniform(1, 1 + jitter)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(factor * delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
