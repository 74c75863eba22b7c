# label: wrong
# exercise: ex2_build_retry_loop
# misconception: success-ends-consumer
# contract: ex2 point 1: the consumer ends with its first success
# expect: The consumer returns after its first success: the other items are never tried. Leave the retry loop with break.
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
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                q.task_done()
                return
        stats["failed"] += 1
        q.task_done()
