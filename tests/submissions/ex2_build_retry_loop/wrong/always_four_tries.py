# label: wrong
# exercise: ex2_build_retry_loop
# misconception: ignores-attempts
# contract: ex2 point 1: the parameter attempts is not used
# expect: The number of tries is always 4: use the parameter attempts.
import asyncio

MAX_ATTEMPTS = 4


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < MAX_ATTEMPTS:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
