# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-not-counted
# contract: ex2: 2: compares the numbers with "is": above 256 equal ints are different objects, the last failure counts as a retry and the item never as failed; shows for attempts > 256
# expect: One of the three counts is never raised.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt is attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
