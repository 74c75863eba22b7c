# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: keys-dealt-out
# contract: 4: keys are dealt out to the consumers by their hash
# expect: A consumer was free, and the item waited for another one.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(q, process_item, dead_letters, stats, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if k < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (k - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["failed"] += 1
                    await dead_letters.put((item, k, error))
            else:
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    queues = [asyncio.Queue(maxsize) for _ in range(consumers)]
    number_of = {}
    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(q, process_item, dead_letters, stats, attempts, delay, backoff, jitter))
                for q in queues]
        for item in items:
            number = number_of.setdefault(key_of(item), len(number_of) % consumers)
            await queues[number].put(item)
        for q in queues:
            await q.join()
        for task in crew:
            task.cancel()
    return stats
