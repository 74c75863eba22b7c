# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: a byte that is not UTF-8 in a string, without a coding line
# expect: Your file is not UTF-8: save it as UTF-8.
import asyncio

TITLE = 'temps réel'

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
                break
        else:
            stats["failed"] += 1
        q.task_done()
