# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-random
# contract: ex4: the added part is not random
# expect: d * jitter is always added in full: nothing is random, so the herd stays together.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        pause = delay
        tried = 0
        try:
            while True:
                tried += 1
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    if tried >= attempts:
                        stats["failed"] += 1
                        break
                stats["retried"] += 1
                await asyncio.sleep(pause + pause * jitter)
                pause *= backoff
        finally:
            q.task_done()
