# label: hostile
# exercise: ex5_fix_task_done
# kind: message
# verdict: reject
# contract: raises groups of groups of errors, 300 deep and wide
# expect: Failed: run_pipeline raises an ExceptionGroup.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        error = ValueError("x")
        for depth in range(300):
            error = ExceptionGroup(f"group {depth}", [error, *(KeyError(n) for n in range(300))])
        raise error
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
