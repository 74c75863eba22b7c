# label: hostile
# exercise: ex3_add_backoff
# kind: record
# verdict: reject
# contract: does not wait, and shifts all later events of the record instead
# expect: Failed: the retries do not wait.
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


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    notes = record()
    late = 0.0
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            known = len(notes.events)
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    late += delay * backoff ** (attempt - 1)
            else:
                stats["consumed"] += 1
                break
            finally:
                for event in notes.events[known:]:
                    event[0] += late
        else:
            stats["failed"] += 1
        q.task_done()
