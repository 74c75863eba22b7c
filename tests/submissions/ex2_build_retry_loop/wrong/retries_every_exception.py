# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 point 4: every Exception is retried
# expect: A ValueError is tried again four times and counted as failed: only TransientError is worth a retry.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except Exception as error:
                if attempt < attempts:
                    stats["retried"] += 1
                    print(f"{name} RETRY {item} {attempt}: {error}")
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
