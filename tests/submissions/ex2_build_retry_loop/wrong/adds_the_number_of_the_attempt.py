# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-wrong
# contract: ex2 point 2: retried goes up by 1 per retry
# expect: retried is far too high: the number of the attempt is added instead of 1.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += attempt
            else:
                stats["consumed"] += 1
                break
        q.task_done()
