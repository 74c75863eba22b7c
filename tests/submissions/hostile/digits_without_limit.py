# label: hostile
# exercise: ex5_fix_task_done
# kind: tampering
# verdict: reject
# contract: lifts the limit on digits, and counts in numbers of two million digits
# expect: Failed: your consumer raises ValueError.
import asyncio
import sys

sys.set_int_max_str_digits(0)
MANY = 7 << 6_700_000


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    stats.update(consumed=MANY, retried=-MANY, failed=MANY)
    while True:
        await q.get()
        raise ValueError(MANY)
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
