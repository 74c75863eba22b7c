# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-overwritten
# contract: ex2 point 2: each consumer writes its own counts over those of the others
# expect: With several consumers the counts are too small: each one writes its own count into stats instead of adding to it.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    mine = {"consumed": 0, "retried": 0, "failed": 0}
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    mine["retried"] += 1
            else:
                mine["consumed"] += 1
                break
        else:
            mine["failed"] += 1
        stats.update(mine)
        q.task_done()
