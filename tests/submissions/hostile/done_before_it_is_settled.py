# label: hostile
# exercise: ex2_build_retry_loop
# kind: queue
# verdict: reject
# contract: marks each item as done at once, by the queue's own counters
# expect: Failed: an item is marked as done before it is settled.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        q._unfinished_tasks -= 1
        if not q._unfinished_tasks:
            q._finished.set()
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
        q._unfinished_tasks += 1
        q._finished.clear()
        q.task_done()
