# label: wrong
# exercise: ex2_build_retry_loop
# misconception: result-taken-for-success
# contract: ex2 points 1 and 2: a success is taken for a failure because it returns None
# expect: process_item returns nothing, so every success is tried again and counted as failed: a try has failed when it raises, not when its result is false.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        result = None
        for attempt in range(attempts):
            if attempt:
                stats["retried"] += 1
            try:
                result = await process_item(item)
            except TransientError:
                continue
            if result:
                break
        stats["consumed" if result else "failed"] += 1
        q.task_done()
