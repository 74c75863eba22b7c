# label: right
# exercise: ex15_set_dead_letters_aside
# contract: ex15 1, 5, 7: a letter is a list; one semaphore for the window; u is drawn in a thousand steps
# expect: Right: whoever reads the letters unpacks a list like a tuple.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    window = asyncio.Semaphore(maxsize + consumers + 1)  # taken and not settled
    lanes = {}  # key at work: what waits behind it
    ready = asyncio.Queue()  # bounded by the window

    async def produce():
        await window.acquire()
        for item in items:
            key = key_of(item)
            if key in lanes:
                lanes[key].append(item)
            else:
                lanes[key] = deque()
                ready.put_nowait((key, item))
            await window.acquire()

    async def attempt_all(item):
        clean = delay
        for _ in range(attempts - 1):
            try:
                return await process_item(item)
            except TransientError:
                stats["retried"] += 1
            await asyncio.sleep(clean + clean * jitter * random.randrange(1_001) / 1_000)
            clean *= backoff
        try:
            await process_item(item)
        except TransientError as error:
            return error

    async def consume():
        while True:
            key, item = await ready.get()
            error = await attempt_all(item)
            stats["consumed" if error is None else "failed"] += 1
            if error is not None:
                await dead_letters.put([item, attempts, error])
            if lanes[key]:
                ready.put_nowait((key, lanes[key].popleft()))
            else:
                del lanes[key]
            ready.task_done()
            window.release()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        await produce()
        await ready.join()
        for task in crew:
            task.cancel()
    return stats
