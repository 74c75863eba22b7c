# label: hostile
# exercise: ex5_fix_task_done
# kind: tampering
# verdict: reject
# contract: has its tasks neither cancelled nor ended: cancel() says yes and does nothing
# expect: Failed: tasks are left running.
import asyncio

def deaf(task):
    asyncio.Task.cancel = lambda self, msg=None: True
    return task


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    deaf(None)
    while True:
        await q.get()
        await asyncio.sleep(3_000)
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
