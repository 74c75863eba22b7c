# label: wrong
# exercise: ex2_build_retry_loop
# misconception: failed-counts-tries
# contract: ex2 point 2: failed counts tries instead of items
# expect: failed counts failed tries; it should count items that were given up.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        tries_left = attempts
        while tries_left > 0:
            try:
                await process_item(item)
            except TransientError:
                stats["failed"] += 1
                tries_left -= 1
                if tries_left:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
