# label: wrong
# exercise: ex8_cap_the_wait
# misconception: delay-shared-by-consumers
# contract: ex8 point 1: the growing pause is an attribute of the function, which all consumers use
# expect: With several consumers the pauses jump: they all use one.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun, consumer.pause = time.monotonic(), delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                clean = min(max_delay, consumer.pause)
                consumer.pause = clean * backoff
                wait = clean + random.uniform(0, clean * jitter)
                late = deadline is not None and time.monotonic() + wait > begun + deadline
                if attempt == attempts or late:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(wait)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
