# label: hostile
# exercise: ex3_add_backoff
# kind: tampering
# verdict: either
# contract: right, but takes the list of events from the record
# expect: Failed: your consumer raises AttributeError, or the record is not complete.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        asyncio.get_running_loop().recorder.events = None
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
