# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; the settings travel as **settings
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random


class TransientError(Exception):
    pass


def pauses(attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    for exponent in range(attempts - 1):
        d = delay * backoff ** exponent
        yield d + random.uniform(0, d * jitter)


async def consumer(name, q, process_item, stats, **settings):
    while True:
        item = await q.get()
        waits = pauses(**settings)
        while True:
            try:
                await process_item(item)
            except TransientError:
                wait = next(waits, None)
                if wait is None:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(wait)
            else:
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3, **settings):
    q, stats = asyncio.Queue(maxsize), dict(consumed=0, retried=0, failed=0)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n + 1}", q, process_item, stats, **settings)) for n in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for member in crew:
            member.cancel()
    return stats
