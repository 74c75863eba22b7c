# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-lost-update
# contract: ex2 point 2: the count is read before the await and written after it
# expect: Counts get lost with several consumers: the value is read before the await and written back after it, over what others added meanwhile.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        consumed, failed = stats["consumed"], stats["failed"]
        for attempt in range(attempts):
            if attempt:
                stats["retried"] += 1
            try:
                await process_item(item)
                stats["consumed"] = consumed + 1
                break
            except TransientError:
                pass
        else:
            stats["failed"] = failed + 1
        q.task_done()
