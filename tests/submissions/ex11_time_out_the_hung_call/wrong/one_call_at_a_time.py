# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: work-serialised
# contract: ex11 point 4: a lock around the limited call; the others wait for the one that hangs
# expect: The consumers take turns, and a call that hangs holds up all of them.
import asyncio
import random


class TransientError(Exception):
    pass


one_at_a_time = asyncio.Lock()


async def limited(call, seconds):
    async with one_at_a_time:
        return await asyncio.wait_for(call, seconds)


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await limited(process_item(item), timeout)
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
