# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; no asyncio.Queue: a deque and a Condition, and a timer by call_later()
# expect: Passed: whoever waits for the condition is notified by the stop as well.
import asyncio
import random


class TransientError(Exception):
    pass

from collections import deque


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    waiting, left = deque(), {}
    change = asyncio.Condition()
    over = asyncio.Event()
    at_work = 0
    drained = False

    async def produce():
        nonlocal drained
        for number, item in enumerate(items):
            left[number] = item
            async with change:
                await change.wait_for(lambda: len(waiting) < maxsize or stop.is_set())
                if stop.is_set():
                    return
                waiting.append((number, item))
                change.notify_all()
            await asyncio.sleep(0)
            if stop.is_set():
                return
        async with change:
            drained = True
            change.notify_all()

    async def consume():
        nonlocal at_work
        while True:
            async with change:
                await change.wait_for(lambda: waiting or drained or stop.is_set())
                if stop.is_set() or not waiting:
                    return
                number, item = waiting.popleft()
                change.notify_all()
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt == attempts:
                        stats["failed"] += 1
                        del left[number]
                        break
                    stats["retried"] += 1
                    clean = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(clean + random.uniform(0.0, clean * jitter))
                else:
                    stats["consumed"] += 1
                    del left[number]
                    break

    async def watch():
        await stop.wait()
        async with change:
            change.notify_all()
        timer = asyncio.get_running_loop().call_later(grace, over.set)
        try:
            await over.wait()
        finally:
            timer.cancel()
        for task in tasks:
            task.cancel()

    if stop.is_set():
        return {**stats, "unfinished": []}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(produce())]
        tasks += [group.create_task(consume()) for _ in range(consumers)]
        watching = group.create_task(watch())
        await asyncio.wait(tasks)
        watching.cancel()
    return {**stats, "unfinished": [*left.values()]}
