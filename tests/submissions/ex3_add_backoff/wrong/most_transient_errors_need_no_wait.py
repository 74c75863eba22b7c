# label: wrong
# exercise: ex3_add_backoff
# misconception: backoff-one-step-behind
# contract: ex3: retry 1 is immediate, the waits come one retry late
# expect: Retry 1 is immediate and retry 2 waits delay: the waits come one retry too late.
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
                    if attempt > 1:
                        await asyncio.sleep(delay * backoff ** (attempt - 2))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
