# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retried-counts-items
# contract: ex2 point 2: retried counts items with retries, not retries
# expect: retried is raised once per item that needed a retry: it should count every retry.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == 1 and attempts > 1:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
