# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-floored
# contract: ex3: waits below 10 ms are lengthened
# expect: No wait is shorter than 10 ms: there is no lower limit in the task.
import asyncio

SHORTEST = 0.01


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
                    await asyncio.sleep(max(SHORTEST, delay * backoff ** (attempt - 1)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
