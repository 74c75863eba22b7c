# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retried-off-by-one
# contract: ex2 point 2: the first try of each item counts as a retry
# expect: retried is raised for the first try too: an item that succeeds at once has no retry.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for _ in range(attempts):
            stats["retried"] += 1
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
        q.task_done()
