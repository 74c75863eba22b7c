# label: right
# exercise: ex15_set_dead_letters_aside
# contract: ex15 3: an asyncio.Lock for each key, which is fair, waited for by the item's task and no consumer
# expect: Right: tasks begin in order and a lock is first come, first served.
import asyncio
import random
from collections import defaultdict
from contextlib import AsyncExitStack


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    locks = defaultdict(asyncio.Lock)
    slots, room = asyncio.Semaphore(consumers), asyncio.Semaphore(consumers + maxsize)

    async def work(item, number=1):
        try:
            await process_item(item)
            stats["consumed"] += 1
        except TransientError as error:
            if number >= attempts:
                stats["failed"] += 1
                return await dead_letters.put((item, number, error))
            stats["retried"] += 1
            d = delay * backoff ** (number - 1)
            await asyncio.sleep(d + random.uniform(0, jitter) * d)
        else:
            return None
        return await again(item, number + 1)

    async def again(item, number):
        # a loop, as the recursion would be too deep for many attempts
        while number <= attempts:
            try:
                await process_item(item)
            except TransientError as error:
                if number == attempts:
                    stats["failed"] += 1
                    await dead_letters.put((item, number, error))
                    return
            else:
                stats["consumed"] += 1
                return
            stats["retried"] += 1
            d = delay * backoff ** (number - 1)
            await asyncio.sleep(d + random.uniform(0, jitter) * d)
            number += 1

    async def one(item, key):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(locks[key])
            await stack.enter_async_context(slots)
            await work(item)
        room.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await room.acquire()
            group.create_task(one(item, key_of(item)))
    return stats
