# label: wrong
# exercise: ex8_cap_the_wait
# misconception: swallows-cancellation
# contract: ex8 point 4: a try that runs on after the deadline is kept from the consumer's own cancellation, too
# expect: CancelledError leaves the consumer at once, also while a late try is running.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    clock = time.monotonic

    async def never_cut_off(call, latest):
        work = asyncio.ensure_future(call)
        while True:
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                if latest is None or clock() <= latest:
                    work.cancel()
                    raise

    while True:
        item = await q.get()
        latest, d = None if deadline is None else clock() + deadline, delay
        for number in range(1, attempts + 1):
            try:
                await never_cut_off(process_item(item), latest)
                stats["consumed"] += 1
                break
            except TransientError:
                d = min(d, max_delay)
                wait = d + random.uniform(0, d * jitter)
                d *= backoff
            if number == attempts or (latest is not None and clock() + wait > latest):
                stats["failed"] += 1
                break
            stats["retried"] += 1
            await asyncio.sleep(wait)
        q.task_done()
