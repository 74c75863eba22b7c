# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; the first error of a consumer goes into a future that the producer races with
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    async def settle(item):
        d = delay
        for _ in range(attempts - 1):
            try:
                return await process_item(item)
            except TransientError:
                stats["retried"] += 1
                await asyncio.sleep(random.uniform(d, d + d * jitter))
                d *= backoff
        await process_item(item)

    while True:
        item = await q.get()
        try:
            await settle(item)
            stats["consumed"] += 1
        except TransientError:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    finished = asyncio.get_running_loop().create_future()

    async def feed():
        for item in items:
            await q.put(item)
        await q.join()

    def report(task):
        if finished.done() or task.cancelled():
            return
        if (error := task.exception()) is not None:
            finished.set_exception(error)
        elif task is feeder:
            finished.set_result(stats)

    feeder = asyncio.create_task(feed())
    tasks = [feeder]
    for n in range(1, consumers + 1):
        tasks.append(asyncio.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts,
                                                  delay=delay, backoff=backoff, jitter=jitter)))
    for task in tasks:
        task.add_done_callback(report)
    try:
        return await finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
