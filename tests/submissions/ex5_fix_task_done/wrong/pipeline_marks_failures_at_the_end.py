# label: wrong
# exercise: ex5_fix_task_done
# misconception: task-done-from-outside
# contract: ex5: task_done() for the failures comes from outside, after polling
# expect: run_pipeline calls task_done() for the failures once the queue looks empty: failures that come later still block the wait.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                q.task_done()
                break
        else:
            stats["failed"] += 1


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as tg:
        workers = [tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                           backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
        while not q.empty():
            await asyncio.sleep(0.01)
        for _ in range(stats["failed"]):
            q.task_done()
        await q.join()
        for t in workers:
            t.cancel()
    return stats


if __name__ == "__main__":
    import random as _random

    async def send(item):
        await asyncio.sleep(_random.uniform(0.05, 0.12))
        if item % 5 == 0 or _random.random() < 0.2:
            raise TransientError(f"upload {item} refused")

    try:
        print(asyncio.run(asyncio.wait_for(run_pipeline(range(1, 16), send), 10)))
    except TimeoutError:
        print("still waiting after 10 s: somewhere an item was never marked as done")
