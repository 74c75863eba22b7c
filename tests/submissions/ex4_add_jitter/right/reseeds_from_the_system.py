# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; calls random.seed() without an argument as each consumer starts: entropy of the system, no fixed seed
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    random.seed()  # from os.urandom: different for every consumer and every run
    while True:
        item = await q.get()
        try:
            for k in range(attempts - 1):
                try:
                    await process_item(item)
                    break
                except TransientError:
                    stats["retried"] += 1
                d = delay * backoff**k
                await asyncio.sleep(random.uniform(d, d + d * jitter))
            else:
                await process_item(item)  # the last try
        except TransientError:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
