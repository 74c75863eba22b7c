# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: held-up-by-another-key
# contract: 4: four locks for all keys, so that two keys may share one
# expect: An item was in a consumer's hands, and waited for the lock of another key.
import asyncio
import random
import zlib


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(q, locks, key_of, process_item, dead_letters, stats, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        lock = locks[zlib.crc32(repr(key_of(item)).encode()) % len(locks)]
        async with lock:
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
    q = asyncio.Queue(maxsize)
    locks = [asyncio.Lock() for _ in range(4)]
    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(q, locks, key_of, process_item, dead_letters, stats, attempts, delay, backoff, jitter))
                for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
