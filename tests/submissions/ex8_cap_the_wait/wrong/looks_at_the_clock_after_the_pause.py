# label: wrong
# exercise: ex8_cap_the_wait
# misconception: sleeps-before-giving-up
# contract: ex8 point 2: the pause that does not fit is slept, and only then the item is given up on
# expect: The item is given up on after a pause that no try follows: ask before the pause.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun, grown = time.perf_counter(), delay
        for attempt in range(attempts):
            if attempt:
                d = min(grown, max_delay)
                grown *= backoff
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                if deadline is not None and time.perf_counter() - begun > deadline:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
        q.task_done()
