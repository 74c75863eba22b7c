# label: wrong
# exercise: ex4_add_jitter
# misconception: unhashable-item
# contract: ex4: 1: the failed tries are kept in a dict with the item as its key: TypeError ends the consumer when an unhashable item (a list, a dict) fails
# expect: Items are kept in a set or as the keys of a dict, and not every item can be.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    failures = {}
    while True:
        item = await q.get()
        while True:
            try:
                await process_item(item)
            except TransientError:
                failures[item] = failures.get(item, 0) + 1
                if failures[item] >= attempts:
                    del failures[item]
                    stats["failed"] += 1
                    break
                d = delay * backoff ** (failures[item] - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                if failures:
                    del failures[item]
                stats["consumed"] += 1
                break
        q.task_done()
