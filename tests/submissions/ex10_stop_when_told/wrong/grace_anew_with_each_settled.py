# label: wrong
# exercise: ex10_stop_when_told
# misconception: grace-too-long
# contract: ex10 point 2: the grace is counted anew whenever an item is settled
# expect: One grace, counted from `stop`, for all that is in hand.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    moved = asyncio.Event()
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
            moved.set()

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
                while not last.done():
                    moved.clear()
                    change = group.create_task(moved.wait())
                    done, _ = await asyncio.wait({last, change}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
                    change.cancel()
                    if not done:
                        break
                last.cancel()
            told.cancel()
            for task in tasks:
                task.cancel()
    return {**stats, "unfinished": list(left.values())}
