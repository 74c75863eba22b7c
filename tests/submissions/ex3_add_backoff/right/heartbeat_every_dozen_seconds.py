# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; ex3: a heartbeat each 12 s beside the consumer as long as it lives
# expect: Passed.
import asyncio


class TransientError(Exception):
    pass


async def beat(name):
    while True:
        await asyncio.sleep(12)
        print(name, "alive")


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    heart = asyncio.create_task(beat(name))
    try:
        while True:
            item = await q.get()
            for n in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if n == attempts:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (n - 1))
                else:
                    stats["consumed"] += 1
                    break
            q.task_done()
    finally:
        heart.cancel()
