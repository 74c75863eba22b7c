# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retried-counts-items
# contract: ex2 point 2: the retries of items that are given up are not counted
# expect: The retries of an item that is given up in the end are missing in retried: every retry counts, whether it helps or not.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for retries in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            stats["retried"] += retries
            break
        else:
            stats["failed"] += 1
        q.task_done()
