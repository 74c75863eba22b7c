# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: accept
# contract: turns warnings into errors at import; the functions are right
# expect: Passed.
import asyncio
import warnings

warnings.simplefilter("error")

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
