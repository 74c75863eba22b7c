# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; no TaskGroup: create_task, wait for the first that is done, and a finally that cancels and gathers
# expect: Passed: the finally waits for every task, whatever ends the pipeline.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    order, done = [], set()
    if stop.is_set():
        return stats | {"unfinished": []}
    q = asyncio.Queue(maxsize)
    idle = asyncio.Event()
    busy = 0

    async def produce():
        for item in items:
            order.append(item)
            await q.put((len(order) - 1, item))
        await q.join()

    async def consume():
        nonlocal busy
        while True:
            number, item = await q.get()
            busy += 1
            idle.clear()
            attempt, pause = 1, delay
            while True:
                try:
                    await process_item(item)
                except TransientError:
                    if attempt >= attempts:
                        stats["failed"] += 1
                        break
                else:
                    stats["consumed"] += 1
                    break
                attempt += 1
                await asyncio.sleep(pause + pause * random.uniform(0, jitter))
                pause = pause * backoff
                stats["retried"] += 1
            done.add(number)
            busy -= 1
            if not busy:
                idle.set()
            q.task_done()

    crew = [asyncio.create_task(consume()) for _ in range(consumers)]
    producing, told = asyncio.create_task(produce()), asyncio.create_task(stop.wait())
    waiting = asyncio.create_task(idle.wait())
    try:
        await asyncio.wait({producing, told, *crew}, return_when=asyncio.FIRST_COMPLETED)
        if not producing.done() and told.done():
            producing.cancel()
            while not q.empty():
                q.get_nowait()
            if busy:
                idle.clear()
                waiting.cancel()
                waiting = asyncio.create_task(idle.wait())
                await asyncio.wait({waiting, *crew}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
    finally:
        tasks = [*crew, producing, told, waiting]
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
    return stats | {"unfinished": [item for number, item in enumerate(order) if number not in done]}
