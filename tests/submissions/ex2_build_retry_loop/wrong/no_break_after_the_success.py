# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tried-after-success
# contract: ex2 point 1: an item is tried until it succeeds
# expect: An item that has succeeded is tried again, until attempts are used up: leave the loop after the success.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        failures = 0
        for attempt in range(attempts):
            try:
                await process_item(item)
                stats["consumed"] += 1
            except TransientError:
                failures += 1
                stats["retried"] += 1
        if failures == attempts:
            stats["failed"] += 1
        q.task_done()
