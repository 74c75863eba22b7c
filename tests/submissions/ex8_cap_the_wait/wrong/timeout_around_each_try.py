# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-cuts-off-try
# contract: ex8 point 2: pauses are asked well, but a try that runs at the deadline is cut off
# expect: A try that is running at the deadline is cut off, although it would have succeeded.
import asyncio
import math
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        latest = loop.time() + (math.inf if deadline is None else deadline)
        key, grown = "failed", delay
        for left in range(attempts - 1, -1, -1):
            try:
                async with asyncio.timeout_at(None if deadline is None else latest) as limit:
                    await process_item(item)
                key = "consumed"
                break
            except TimeoutError:
                if not limit.expired():
                    raise
                break
            except TransientError:
                clean = min(max_delay, grown)
                grown = float(grown) * backoff
                pause = random.uniform(clean, clean * (1 + jitter))
                if not left or loop.time() + pause > latest:
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
        stats[key] += 1
        q.task_done()
