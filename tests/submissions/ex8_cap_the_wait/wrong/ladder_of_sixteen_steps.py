# label: wrong
# exercise: ex8_cap_the_wait
# misconception: ceiling-too-low
# contract: ex8 point 1: a table of sixteen pauses, of which the last is used for all further tries
# expect: After sixteen tries the pause no longer grows, wherever max_delay is.
import asyncio
import random
import time


class TransientError(Exception):
    pass


STEPS = 16


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    ladder = [min(max_delay, delay * backoff**step) for step in range(STEPS)]
    while True:
        item = await q.get()
        until = None if deadline is None else time.monotonic() + deadline
        for failed in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                d = ladder[min(failed, STEPS) - 1]
                wait = d * random.uniform(1, 1 + jitter)
                if failed < attempts and (until is None or time.monotonic() + wait <= until):
                    stats["retried"] += 1
                    await asyncio.sleep(wait)
                    continue
                stats["failed"] += 1
            else:
                stats["consumed"] += 1
            break
        q.task_done()
