# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-lost-update
# contract: ex2 2: each consumer sets the shared counts to 0 when it starts: a consumer that starts later wipes out what others have counted
# expect: A count is read before an await and written after it, and others' counts are lost.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    stats.update(consumed=0, retried=0, failed=0)
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
                break
        else:
            stats["failed"] += 1
        q.task_done()
