# label: right
# exercise: ex15_set_dead_letters_aside
# contract: ex15 1, 3: a letter is a NamedTuple; each item has a task, which waits for the Event of the one before it
# expect: Right: a named tuple is a tuple; the consumers are desks, which a queue hands out.
import asyncio
import random
from itertools import chain
from typing import Any, NamedTuple


class TransientError(Exception):
    """may succeed the next time"""


class Letter(NamedTuple):
    item: Any
    tries: int
    error: TransientError


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
                    await dead_letters.put(Letter(item, tries, error))
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
