# label: wrong
# exercise: ex3_add_backoff
# misconception: backoff-one-step-ahead
# contract: ex3: the exponent is k instead of k - 1
# expect: The first retry waits delay * backoff already; the exponent of retry k is k - 1.
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
                    await asyncio.sleep(delay * backoff ** attempt)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
