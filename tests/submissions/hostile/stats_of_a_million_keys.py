# label: hostile
# exercise: ex5_fix_task_done
# kind: message
# verdict: reject
# contract: stats with a million keys, with floats that are no numbers and lists in lists
# expect: Failed: your consumer does nothing with its items.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    nest = []
    for _ in range(100_000):
        nest = [nest]
    stats.update({f"k{n}": float("nan") for n in range(1_000_000)}, consumed=nest, retried=float("inf"), failed="0")
    while True:
        await q.get()
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
