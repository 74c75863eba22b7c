# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-capped
# contract: ex3: the wait is capped at 1 s
# expect: The wait never gets longer than one second; it should keep growing.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(min(1.0, delay * backoff ** (attempt - 1)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
