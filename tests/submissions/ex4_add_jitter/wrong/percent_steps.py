# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4 "u drawn at random ... uniformly from 0 to `d * jitter`" (a thousand steps are fine enough): whole percents of the window: only 101 different waits per retry, so 100 clients that fail together share them; every retry with jitter > 0
# expect: The random part has only a few values.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
            else:
                stats["consumed"] += 1
                break
            clean = delay * backoff ** (attempt - 1)
            pause = clean + clean * jitter * random.randint(0, 100) / 100
            stats["retried"] += 1
            await asyncio.sleep(pause)
            attempt += 1
        q.task_done()
