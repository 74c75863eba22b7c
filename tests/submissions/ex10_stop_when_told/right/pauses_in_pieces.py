# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; a pause is slept in three pieces, and given up when the stop has come and it is too long
# expect: Passed: a pause may be slept in pieces.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    clock = asyncio.get_running_loop().time
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    if stop.is_set():
        return {**stats, "unfinished": []}
    q = asyncio.Queue(maxsize)
    over = None

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await q.put((number, item))
        await q.join()

    async def paused(seconds):
        until = clock() + seconds
        for part in (3, 2, 1):
            if over is not None and until > over:
                return False
            await asyncio.sleep((until - clock()) / part)
        return True

    async def attempt_all(item):
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    return "failed"
                clean = delay * backoff ** (attempt - 1)
                if not await paused(clean + random.uniform(0, clean * jitter)):
                    return None
                stats["retried"] += 1
            else:
                return "consumed"

    async def consume():
        while True:
            number, item = await q.get()
            how = await attempt_all(item)
            if how:
                stats[how] += 1
                del left[number]
            q.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(consume()) for _ in range(consumers)]
        work, told = group.create_task(produce()), group.create_task(stop.wait())
        tasks += [work, told]
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            over = clock() + grace
            work.cancel()
            while not q.empty():
                q.get_nowait()
                q.task_done()
            tasks.append(group.create_task(q.join()))
            await asyncio.wait({tasks[-1]}, timeout=grace)
        for task in tasks:
            task.cancel()
    return {**stats, "unfinished": list(left.values())}
