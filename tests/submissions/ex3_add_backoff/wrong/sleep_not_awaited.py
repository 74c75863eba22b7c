# label: wrong
# exercise: ex3_add_backoff
# misconception: sleep-not-awaited
# contract: ex3: asyncio.sleep() is not awaited
# expect: asyncio.sleep() is called without await: the coroutine is thrown away and the retry comes at once.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    asyncio.sleep(delay * backoff ** (attempt - 1))
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
