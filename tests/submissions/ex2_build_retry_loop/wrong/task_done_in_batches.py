# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-missing
# contract: ex2: 3: collects the task_done() calls until the queue is empty: when the consumer is cancelled or dies before, items that are settled never get theirs
# expect: task_done() is not called for every item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    to_confirm = 0
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
        to_confirm += 1
        if q.empty():
            while to_confirm:
                q.task_done()
                to_confirm -= 1
