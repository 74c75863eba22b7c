# label: wrong
# exercise: ex4_add_jitter
# misconception: too-few-tries
# contract: ex4 (ex2) an item is tried until it succeeds or attempts tries have failed: like tenacity's stop_after_delay: an item is also given up on when two seconds have gone; for long delays, slow tries or many attempts
# expect: Items are given up on before attempts tries have failed.
import asyncio
import random


class TransientError(Exception):
    pass


STOP_AFTER = 2.0


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        begun = clock()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt >= attempts or clock() - begun >= STOP_AFTER:
                    stats["failed"] += 1
                    break
                d = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                attempt += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
