# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-hidden
# contract: ex5 point 6: the error of a consumer is collected and thrown away
# expect: The ValueError of a consumer vanishes: its item is marked as done, join() returns, and gather(return_exceptions=True) collects the error for nobody. Look at the results.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        try:
            d = delay
            for left in range(attempts - 1, -1, -1):
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    if not left:
                        stats["failed"] += 1
                        break
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                d *= backoff
        finally:
            q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    workers = [asyncio.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                            backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]

    async def producer():
        for item in items:
            await q.put(item)
        await q.join()

    feeding = asyncio.create_task(producer())
    await asyncio.wait([feeding, asyncio.gather(*workers, return_exceptions=True)], return_when=asyncio.FIRST_COMPLETED)
    for t in (feeding, *workers):
        t.cancel()
    await asyncio.gather(feeding, *workers, return_exceptions=True)
    return stats
