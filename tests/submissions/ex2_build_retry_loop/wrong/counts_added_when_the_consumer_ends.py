# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-too-late
# contract: ex2 point 2: the counts are added only when the consumer is cancelled
# expect: stats stays at 0 until the consumer is cancelled: the counts must be true as soon as the items are settled.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    consumed = retried = failed = 0
    try:
        while True:
            item = await q.get()
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        retried += 1
                else:
                    consumed += 1
                    break
            else:
                failed += 1
            q.task_done()
    finally:
        stats["consumed"] += consumed
        stats["retried"] += retried
        stats["failed"] += failed
