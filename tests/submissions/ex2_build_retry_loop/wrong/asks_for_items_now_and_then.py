# label: wrong
# exercise: ex2_build_retry_loop
# misconception: polls-for-items
# contract: ex2 point 1: a waiting item is begun up to 50 ms late
# expect: The consumer looks into the queue every 50 ms instead of awaiting q.get(): a waiting item is begun late.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        if q.empty():
            await asyncio.sleep(0.05)
            continue
        item = q.get_nowait()
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
