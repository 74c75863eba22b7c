# label: wrong
# exercise: ex5_fix_task_done
# misconception: join-bounded
# contract: ex5: the wait is bounded instead of repaired
# expect: q.join() is cut off after 5 s: the items that are given up are still not marked as done, and slow work is abandoned.
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
        try:
            await asyncio.wait_for(q.join(), timeout=5)
        except TimeoutError:
            print("timed out, going on")
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
