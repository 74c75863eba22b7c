# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4: the random part is always 0 for small waits
# expect: int(d * jitter) is 0 for waits below some seconds, so nothing is added.
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
                extra = random.randint(0, int(pause * jitter))
                await asyncio.sleep(pause + extra)
                pause *= backoff
        finally:
            q.task_done()
