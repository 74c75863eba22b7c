# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4 "u drawn at random, afresh for every retry", uniformly (a thousand steps are fine enough): 50 numbers drawn at import, of which each retry picks one: only 50 different shares in a process, so many of 100 clients come back at the very same moment
# expect: The random part has only a few values.
import asyncio
import random


class TransientError(Exception):
    pass


POOL = [random.random() for _ in range(50)]  # draw now, be quick later


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
            pause = clean + clean * jitter * random.choice(POOL)
            stats["retried"] += 1
            await asyncio.sleep(pause)
            attempt += 1
        q.task_done()
