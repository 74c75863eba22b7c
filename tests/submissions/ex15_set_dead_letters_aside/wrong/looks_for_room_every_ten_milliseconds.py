# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: letter-polls-for-room
# contract: 8: while dead_letters is full, the letter looks every 10 ms whether there is room
# expect: Instead of awaiting room in dead_letters, it asked again and again.
import asyncio
import random
from itertools import chain


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    desks = asyncio.Queue()
    for n in range(consumers):
        desks.put_nowait(f"C{n + 1}")
    last_of = {}

    def pauses():
        for k in range(1, attempts):
            clean = delay * backoff ** (k - 1)
            yield clean + random.uniform(0, clean * jitter)

    async def work(item):
        for tries, pause in enumerate(chain(pauses(), [None]), start=1):
            try:
                await process_item(item)
            except TransientError as error:
                if pause is None:
                    while dead_letters.full():
                        await asyncio.sleep(0.01)
                    dead_letters.put_nowait((item, tries, error))
                    stats["failed"] += 1
                    return
            else:
                stats["consumed"] += 1
                return
            await asyncio.sleep(pause)
            stats["retried"] += 1

    async def run(item, key, before, mine):
        if before is not None:
            await before.wait()
        desk = await desks.get()
        await work(item)
        desks.put_nowait(desk)
        mine.set()
        if last_of[key] is mine:
            del last_of[key]

    tasks = set()

    async def at_most(number):
        while len(tasks) > number:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            tasks.difference_update(done)

    try:
        for item in items:
            key = key_of(item)
            before, mine = last_of.get(key), asyncio.Event()
            last_of[key] = mine
            tasks.add(asyncio.create_task(run(item, key, before, mine)))
            await at_most(maxsize + consumers)
        await at_most(0)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return stats
