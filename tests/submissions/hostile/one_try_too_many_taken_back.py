# label: hostile
# exercise: ex2_build_retry_loop
# kind: record
# verdict: reject
# contract: tries once too often, and takes the last try out of the record
# expect: Failed: an item was tried once too often.
import asyncio
import gc

def record():
    """What the lab writes into, wherever it keeps it."""
    for one in gc.get_objects():
        try:
            if type(one.events) is list and asyncio.current_task() in one.live.values():
                return one
        except Exception:
            pass


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    notes = record()
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
            known = list(notes.events)
            try:
                await process_item(item)
            except TransientError:
                pass
            notes.events[:] = known
        q.task_done()
