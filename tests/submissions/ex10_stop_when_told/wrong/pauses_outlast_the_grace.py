# label: wrong
# exercise: ex10_stop_when_told
# misconception: grace-too-long
# contract: ex10 point 2: at the end of the grace only the tries are cancelled, and pauses go on to their end
# expect: At the end of the grace all that is in hand is let go, what is in a pause as well.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left, running, busy, over = {}, set(), set(), asyncio.Event()
    q = asyncio.Queue(maxsize)

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await q.put((number, item))
        await q.join()

    async def consume():
        while True:
            number, item = await q.get()
            busy.add(asyncio.current_task())
            for attempt in range(1, attempts + 1):
                try:
                    one = asyncio.ensure_future(process_item(item))
                    running.add(one)
                    try:
                        await one
                    finally:
                        running.discard(one)
                except TransientError:
                    if attempt < attempts:
                        pause = delay * backoff ** (attempt - 1)
                        stats["retried"] += 1
                        await asyncio.sleep(pause + random.uniform(0, pause * jitter))
                        if over.is_set():
                            return
                except asyncio.CancelledError:
                    if over.is_set():
                        return
                    raise
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            del left[number]
            q.task_done()
            busy.discard(asyncio.current_task())

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
                over.set()
                for one in running:
                    one.cancel()
                last.cancel()
                for task in tasks:
                    if task not in busy:
                        task.cancel()
            else:
                for task in tasks:
                    task.cancel()
            told.cancel()
    return {**stats, "unfinished": list(left.values())}
