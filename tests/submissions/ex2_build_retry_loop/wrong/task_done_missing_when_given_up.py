# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-missing-when-given-up
# contract: ex2 point 3: no task_done() for an item that is given up
# expect: An item that is given up is never marked as done: q.join() waits for ever.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                attempt += 1
            else:
                stats["consumed"] += 1
                q.task_done()
                break


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
