# label: wrong
# exercise: ex8_cap_the_wait
# misconception: giving-up-ends-consumer
# contract: ex8 point 4: at the deadline the consumer returns
# expect: Giving up at the deadline ends the consumer.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    async def settled(item):
        begun, d = time.monotonic(), delay
        for tried in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                return True
            except TransientError:
                d = min(d, max_delay)
                wait = d + random.uniform(0, d * jitter)
                d *= backoff
            if tried < attempts:
                if deadline is not None and time.monotonic() + wait > begun + deadline:
                    stats["failed"] += 1
                    return False
                stats["retried"] += 1
                await asyncio.sleep(wait)
        stats["failed"] += 1
        return True

    going = True
    while going:
        going = await settled(await q.get())
        q.task_done()
