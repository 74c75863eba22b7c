# label: wrong
# exercise: ex4_add_jitter
# misconception: ignores-jitter
# contract: ex4: the parameter jitter is not used
# expect: The random part is always up to 25 %: use the parameter jitter.
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
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * 0.25))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def demo():
    import random
    q = asyncio.Queue()
    for n in range(1, 10):
        q.put_nowait(n)
    stats = {"consumed": 0, "retried": 0, "failed": 0}

    async def pay(item):
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if random.random() < 0.4:
            raise TransientError(f"payment {item}: gateway busy")

    workers = [asyncio.create_task(consumer(f"C{i}", q, pay, stats)) for i in (1, 2, 3)]
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print(stats)


if __name__ == "__main__":
    asyncio.run(demo())
