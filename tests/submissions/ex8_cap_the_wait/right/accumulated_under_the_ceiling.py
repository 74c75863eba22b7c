# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; each d is made from the one before and never grows beyond the ceiling
# expect: Passed: itertools.accumulate stops growing at max_delay.
import asyncio
import itertools
import random
import time


class TransientError(Exception):
    pass


def clean_pauses(delay, backoff, max_delay):
    first = min(delay, max_delay)
    return itertools.accumulate(itertools.repeat(backoff), lambda d, by: min(max_delay, d * by), initial=first)


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        started = time.time()
        steps = itertools.islice(clean_pauses(delay, backoff, max_delay), attempts - 1)
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                d = next(steps, None)
                if d is None:
                    stats["failed"] += 1
                    break
                wait = random.uniform(d, d + d * jitter)
                if deadline is not None and time.time() - started + wait > deadline:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(wait)
        q.task_done()
