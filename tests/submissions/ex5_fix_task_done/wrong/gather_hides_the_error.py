# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-hidden
# contract: ex5: an error that is not transient is hidden
# expect: The error of a consumer is collected by gather(return_exceptions=True) and thrown away: it must surface from run_pipeline.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        try:
            tried = 0
            while True:
                tried += 1
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    if tried == attempts:
                        stats["failed"] += 1
                        break
                d = delay * backoff ** (tried - 1)
                stats["retried"] += 1
                await asyncio.sleep(d * random.uniform(1, 1 + jitter))
        finally:
            q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)

    async def produce():
        for item in items:
            await q.put(item)
        await q.join()

    producer = asyncio.create_task(produce())
    crew = [asyncio.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                         backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
    alive = set(crew)
    while alive and not producer.done():
        _, pending = await asyncio.wait({producer, *alive}, return_when=asyncio.FIRST_COMPLETED)
        alive &= pending
    for t in (producer, *crew):
        t.cancel()
    await asyncio.gather(producer, *crew, return_exceptions=True)
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
