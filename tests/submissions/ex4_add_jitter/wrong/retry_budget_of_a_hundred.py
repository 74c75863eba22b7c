# label: wrong
# exercise: ex4_add_jitter
# misconception: tries-shared-by-consumers
# contract: ex4: 1: a retry budget: once a hundred retries have been made in all, items are given up on at their first failure, whatever attempts says; from the 101st retry on
# expect: All consumers count their tries in one variable.
import asyncio
import random

RETRY_BUDGET = 100


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts or stats["retried"] >= RETRY_BUDGET:
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
