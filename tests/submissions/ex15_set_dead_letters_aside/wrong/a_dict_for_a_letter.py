# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: wrong-letter
# contract: 1: a dict instead of a tuple
# expect: A letter is a tuple.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    at_work = asyncio.Semaphore(consumers)
    open_items = asyncio.Semaphore(maxsize + consumers)
    last_of = {}

    async def tried(item, number):
        try:
            await process_item(item)
        except TransientError as error:
            return error
        return None

    async def one(item, before, settled):
        if before is not None:
            await before.wait()
        async with at_work:
            number, d = 1, delay
            while (error := await tried(item, number)) is not None and number < attempts:
                stats["retried"] += 1
                await asyncio.sleep(d + d * jitter * random.random())
                number, d = number + 1, d * backoff
            if error is None:
                stats["consumed"] += 1
            else:
                stats["failed"] += 1
                await dead_letters.put({"item": item, "tries": number, "error": error})
            settled.set()
        open_items.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await open_items.acquire()
            key, settled = key_of(item), asyncio.Event()
            group.create_task(one(item, last_of.get(key), settled))
            last_of[key] = settled
    return stats
