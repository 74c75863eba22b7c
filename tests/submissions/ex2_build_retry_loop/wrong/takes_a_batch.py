# label: wrong
# exercise: ex2_build_retry_loop
# misconception: consumer-prefetches
# contract: ex2 point 1: one consumer takes all that waits, the others get nothing
# expect: One consumer takes all waiting items and works them off alone while the others stand still: take one item at a time.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        batch = [await q.get()]
        while not q.empty():
            batch.append(q.get_nowait())
        for item in batch:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
