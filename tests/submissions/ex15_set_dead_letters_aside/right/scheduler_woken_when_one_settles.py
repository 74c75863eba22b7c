# label: right
# exercise: ex15_set_dead_letters_aside
# contract: ex15 4, 5: one loop fills its window, starts what may begin, and sleeps on an Event until one settles
# expect: Right: it holds up to maxsize + consumers + 1 items, and looks through all of them.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def settle(item, process_item, dead_letters, stats, attempts, delay, backoff, jitter):
    last = None
    for attempt in range(1, attempts + 1):
        if attempt > 1:
            clean = delay * backoff ** (attempt - 2)
            await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            stats["retried"] += 1
        try:
            await process_item(item)
        except TransientError as error:
            last = error
        else:
            stats["consumed"] += 1
            return
    await dead_letters.put((item, attempts, last))
    stats["failed"] += 1


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    source, exhausted = iter(items), False
    waiting, busy = [], set()
    wake = asyncio.Event()

    async def work(item, key):
        await settle(item, process_item, dead_letters, stats, attempts, delay, backoff, jitter)
        busy.remove(key)
        wake.set()

    async with asyncio.TaskGroup() as group:
        while True:
            while not exhausted and len(busy) + len(waiting) < maxsize + consumers + 1:
                item = next(source, None)
                if item is None:
                    exhausted = True
                else:
                    waiting.append((item, key_of(item)))
            still_waiting = []
            for item, key in waiting:
                if len(busy) < consumers and key not in busy:
                    busy.add(key)
                    group.create_task(work(item, key))
                else:
                    still_waiting.append((item, key))
            waiting = still_waiting
            if exhausted and not waiting and not busy:
                return stats
            await wake.wait()
            wake.clear()
