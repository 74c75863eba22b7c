# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2 point 1: `attempts` tries in all
# expect: An item gets two tries fewer than attempts: range(2, attempts) leaves out the first and the last.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(2, attempts):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt < attempts - 1:
                    stats["retried"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
