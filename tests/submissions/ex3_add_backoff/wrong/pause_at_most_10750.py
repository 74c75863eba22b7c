# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-capped
# contract: ex3 / table (pause up to three hours): a pause above 10,750 s is cut
# expect: The wait has an upper limit that nobody asked for.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
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
                await asyncio.sleep(min(10_750, delay * backoff ** (n - 1)))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
