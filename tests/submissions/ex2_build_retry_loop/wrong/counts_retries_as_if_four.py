# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retried-off-by-one
# contract: ex2 point 2: whether a retry follows is decided by a constant; with fewer attempts the last failure is counted
# expect: stats["retried"] counts the last failure of an item too when attempts is below 4. Compare with attempts, not 4.
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
                if attempt < 4:
                    stats["retried"] += 1
                    print(f"{name} RETRY {item} {attempt} 0.000")
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
