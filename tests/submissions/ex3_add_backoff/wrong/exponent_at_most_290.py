# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-capped
# contract: ex3 / table (attempts 1-300): the exponent is capped at 290
# expect: The wait has an upper limit that nobody asked for.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for n in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                if n + 1 == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(delay * backoff ** (n if n < 290 else 290))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
