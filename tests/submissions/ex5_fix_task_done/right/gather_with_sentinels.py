# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; the consumers end by sentinel, gather() waits for all and passes errors on
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random

END = object()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while (item := await q.get()) is not END:
        tried = 0
        while tried < attempts:
            tried += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if tried == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    d = delay * backoff ** (tried - 1)
                    await asyncio.sleep(d * (1 + jitter * random.random()))
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)

    async def producer():
        for item in items:
            await q.put(item)
        for _ in range(consumers):
            await q.put(END)

    tasks = [asyncio.create_task(producer())]
    for n in range(1, consumers + 1):
        tasks.append(asyncio.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts,
                                                  delay=delay, backoff=backoff, jitter=jitter)))
    try:
        await asyncio.gather(*tasks)
    finally:
        for t in tasks:
            t.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return stats
