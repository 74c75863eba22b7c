# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; no queue and no producer: whoever is free takes the next item, so that none ever waits
# expect: Passed: at most maxsize items wait, and none is fewer.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    counts = {"consumed": 0, "retried": 0, "failed": 0}
    source, open_ones = enumerate(items), {}

    async def settle(item):
        for attempt in range(1, attempts + 1):
            try:
                return await process_item(item) or "consumed"
            except TransientError:
                if attempt == attempts:
                    return "failed"
            d = delay * backoff ** (attempt - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
            counts["retried"] += 1

    async def take_and_settle():
        while not stop.is_set():
            try:
                number, open_ones[number] = next(source)
            except StopIteration:
                return
            counts[await settle(open_ones[number])] += 1
            del open_ones[number]

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(take_and_settle()) for _ in range(consumers)]
        told = group.create_task(stop.wait())
        done = group.create_task(asyncio.wait(crew))
        await asyncio.wait({told, done}, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            await asyncio.wait({done}, timeout=grace)
        for task in (told, done, *crew):
            task.cancel()
    return counts | {"unfinished": list(open_ones.values())}
