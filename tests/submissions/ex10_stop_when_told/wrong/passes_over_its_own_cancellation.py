# label: wrong
# exercise: ex10_stop_when_told
# misconception: cancelled-pipeline-returns
# contract: ex10 point 4: cancelled during the clean-up, it takes its own CancelledError for that of a task
# expect: What is caught around `await task` may be meant for run_pipeline: it is raised.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    q = asyncio.Queue(maxsize)

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await q.put((number, item))
        await q.join()

    async def consume():
        while True:
            number, item = await q.get()
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
            del left[number]
            q.task_done()

    if not stop.is_set():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(consume()) for _ in range(consumers)]
            work, told = group.create_task(produce()), group.create_task(stop.wait())
            await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                while not q.empty():
                    q.get_nowait()
                    q.task_done()
                last = group.create_task(q.join())
                await asyncio.wait({last}, timeout=grace)
                last.cancel()
            told.cancel()
            for task in tasks:
                task.cancel()
            for task in tasks:
                try:
                    await task
                except asyncio.CancelledError:
                    pass
    return {**stats, "unfinished": list(left.values())}
