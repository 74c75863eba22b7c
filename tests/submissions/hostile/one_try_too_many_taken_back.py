# label: hostile
# exercise: ex2_build_retry_loop
# kind: record
# verdict: reject
# contract: tries once too often, and takes the last try out of the record
# expect: Failed: an item was tried once too often.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    record = asyncio.get_running_loop().recorder
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
            known = list(record.events)
            try:
                await process_item(item)
            except TransientError:
                pass
            record.events[:] = known
        q.task_done()
