# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; no queue and no consumers: a task for each item, two semaphores, and a TaskGroup
# expect: Passed: as many items are taken and begun as before, and at the stop each task knows whether it was begun.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0, "unfinished": []}
    room, hands = asyncio.Semaphore(maxsize), asyncio.Semaphore(consumers)
    taken, settled, begun = [], set(), {}

    async def work(number, item):
        async with hands:
            room.release()
            if stop.is_set():
                return
            begun[number] = asyncio.current_task()
            pause = delay
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt == attempts:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
                    await asyncio.sleep(random.uniform(pause, pause + pause * jitter))
                    pause *= backoff
                else:
                    stats["consumed"] += 1
                    break
            settled.add(number)

    async def produce(group, tasks):
        for number, item in enumerate(items):
            taken.append(item)
            await room.acquire()
            tasks[number] = group.create_task(work(number, item))
        if tasks:
            await asyncio.wait(list(tasks.values()))

    if not stop.is_set():
        async with asyncio.TaskGroup() as group:
            tasks = {}
            producing = group.create_task(produce(group, tasks))
            waiting = group.create_task(stop.wait())
            await asyncio.wait((producing, waiting), return_when=asyncio.FIRST_COMPLETED)
            producing.cancel()
            waiting.cancel()
            for number, task in tasks.items():
                if number not in begun:
                    task.cancel()
            open_ones = [task for number, task in begun.items() if number not in settled]
            if open_ones:
                await asyncio.wait(open_ones, timeout=grace)
            for task in open_ones:
                task.cancel()
    stats["unfinished"] = [item for number, item in enumerate(taken) if number not in settled]
    return stats
