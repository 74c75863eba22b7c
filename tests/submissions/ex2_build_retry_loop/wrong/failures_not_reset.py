# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tries-carried-to-next-item
# contract: ex2 point 1: the failures of earlier items count for later ones
# expect: The count of failures is not set back for the next item, so later items get fewer tries.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    failures = 0
    while True:
        item = await q.get()
        while True:
            try:
                await process_item(item)
            except TransientError:
                failures += 1
                if failures >= attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
