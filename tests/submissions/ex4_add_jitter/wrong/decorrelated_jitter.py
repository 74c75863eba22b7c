# label: wrong
# exercise: ex4_add_jitter
# misconception: other-jitter-scheme
# contract: ex4: the wait depends on the last wait
# expect: The wait is drawn between delay and three times the last wait; it should be d plus at most d * jitter.
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
                pause = random.uniform(delay, pause * 3)
                await asyncio.sleep(pause)
        finally:
            q.task_done()
