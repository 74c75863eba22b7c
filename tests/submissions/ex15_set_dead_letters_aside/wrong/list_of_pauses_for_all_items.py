# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-cycled-list
# contract: 7: run_pipeline draws a list of pauses, which all items go through
# expect: The same random parts came back for each item.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def attempt_all(item, process_item, attempts, pauses):
    """how it ended: the number of tries, and the last error"""
    for number, pause in zip(range(1, attempts + 1), pauses):
        try:
            await process_item(item)
        except TransientError as error:
            if number == attempts:
                return number, error
            await asyncio.sleep(pause)
        else:
            return number, None


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}

    pauses = []
    for k in range(attempts):
        d = delay * backoff ** k
        pauses.append(d + random.uniform(0, d * jitter))

    async def settle(item):
        tries, error = await attempt_all(item, process_item, attempts, pauses)
        stats["retried"] += tries - 1
        stats["consumed" if error is None else "failed"] += 1
        if error is not None:
            await dead_letters.put((item, tries, error))

    source, waiting, running, more = iter(items), [], {}, True
    nothing = object()
    try:
        while more or waiting or running:
            while more and len(waiting) < maxsize:
                item = next(source, nothing)
                if item is nothing:
                    more = False
                else:
                    waiting.append((key_of(item), item))
            started = False
            for n, (key, item) in enumerate(waiting):
                if len(running) < consumers and key not in running.values():
                    running[asyncio.ensure_future(settle(item))] = key
                    del waiting[n]
                    started = True
                    break
            if started or not running:
                continue
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del running[task]
                task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return stats
