# label: wrong
# exercise: ex3_add_backoff
# misconception: base-and-exponent-swapped
# contract: ex3: the wait is delay * k ** backoff
# expect: Base and exponent are swapped: the wait is delay * k ** backoff (1, 4, 9 delays) and should be delay * backoff ** (k - 1) (1, 2, 4).
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * k ** backoff)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
