# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; items that were given up on are collected in a second queue, once they are settled
# expect: Passed: what becomes of an item that is settled is the learner's own affair.
import asyncio
import random


class TransientError(Exception):
    pass


dead_letters = None


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(pause + random.uniform(0, pause * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
            if dead_letters is not None:
                dead_letters.put_nowait(item)
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    global dead_letters
    dead_letters = asyncio.Queue()
    stats = dict.fromkeys(("consumed", "retried", "failed"), 0)
    q = asyncio.Queue(maxsize)
    settings = dict(attempts=attempts, delay=delay, backoff=backoff, jitter=jitter)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats, **settings))
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    while not dead_letters.empty():
        print("GIVEN UP", dead_letters.get_nowait())
    return stats
