# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; one asyncio.timeout() without an end, which is given one when `stop` is set
# expect: Passed: the limit is set once, for everything that is in hand.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left, in_hand = {}, set()
    if stop.is_set():
        return {**stats, "unfinished": []}
    q = asyncio.Queue(maxsize)
    quiet = asyncio.Event()

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await q.put((number, item))
        await q.join()
        quiet.set()

    async def consume():
        while True:
            number, item = await q.get()
            in_hand.add(number)
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
            in_hand.remove(number)
            q.task_done()
            if stop.is_set():
                if not in_hand:
                    quiet.set()
                return

    async def watch(limit, producing):
        await stop.wait()
        producing.cancel()
        while not q.empty():
            q.get_nowait()
        limit.reschedule(asyncio.get_running_loop().time() + grace)
        if not in_hand:
            quiet.set()

    try:
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:
            tasks = [group.create_task(consume()) for _ in range(consumers)]
            tasks.append(group.create_task(produce()))
            tasks.append(group.create_task(watch(limit, tasks[-1])))
            await quiet.wait()
            for task in tasks:
                task.cancel()
    except TimeoutError:
        pass  # the grace was over
    return {**stats, "unfinished": list(left.values())}
