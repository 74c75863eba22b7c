# label: wrong
# exercise: ex2_build_retry_loop
# misconception: consumed-counts-failures
# contract: ex2 point 2: consumed counts every item taken
# expect: consumed is raised for every item taken, also for those that are given up later: count it after a success.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        stats["consumed"] += 1
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                break
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
