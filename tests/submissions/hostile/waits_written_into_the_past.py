# label: hostile
# exercise: ex3_add_backoff
# kind: record
# verdict: reject
# contract: does not wait, and shifts all later events of the record instead
# expect: Failed: the retries do not wait.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    record = asyncio.get_running_loop().recorder
    late = 0.0
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            known = len(record.events)
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
                for event in record.events[known:]:
                    event[0] += late
        else:
            stats["failed"] += 1
        q.task_done()
