# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-once-per-consumer
# contract: 7: each consumer draws its random factor when it starts
# expect: All retries of a consumer had the same random part.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    """may succeed the next time"""


async def consumer(name, ready, advance, process_item, dead_letters, stats, attempts, delay, backoff, jitter):
    share = random.uniform(0, jitter)
    while True:
        key, item = await ready.get()
        advance("begin", key)
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if k < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (k - 1)
                    await asyncio.sleep(d + d * share)
                else:
                    stats["failed"] += 1
                    await dead_letters.put((item, k, error))
            else:
                stats["consumed"] += 1
                break
        advance("settled", key)
        ready.task_done()


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    ready = asyncio.Queue()
    rows = {}
    room = asyncio.BoundedSemaphore(maxsize)

    def advance(what, key):
        if what == "begin":
            room.release()
        elif rows[key]:
            ready.put_nowait((key, rows[key].popleft()))
        else:
            del rows[key]

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}", ready, advance, process_item, dead_letters, stats,
                                        attempts, delay, backoff, jitter)) for n in range(consumers)]
        for item in items:
            await room.acquire()
            key = key_of(item)
            if key in rows:
                rows[key].append(item)
            else:
                rows[key] = deque()
                ready.put_nowait((key, item))
        while rows:
            await ready.join()
        for task in crew:
            task.cancel()
    return stats
