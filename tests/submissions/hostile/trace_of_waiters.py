# label: hostile
# exercise: ex5_fix_task_done
# kind: trace
# verdict: either
# contract: right, and leaves 3,000 tasks that wait for each other at the end
# expect: Your file does far more than the exercise needs, or passed.
import asyncio
import random

seen = []


def noise():
    """Once in each scenario."""
    loop = asyncio.get_running_loop()
    if loop in seen:
        return
    seen[:] = [loop]
    async def wait_for(other):
        await other

    other = loop.create_future()
    for n in range(3_000):
        other = asyncio.ensure_future(wait_for(other))


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    noise()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    options = {"attempts": attempts, "delay": delay, "backoff": backoff, "jitter": jitter}
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, process_item, stats, **options)) for n in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
