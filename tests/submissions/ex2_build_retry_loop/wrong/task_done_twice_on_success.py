# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-twice
# contract: ex2 point 3: two task_done() for an item that succeeds
# expect: An item that succeeds is marked as done twice, in the else branch and in the finally: ValueError, or a join() that ends too early.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    q.task_done()
                    break
            else:
                stats["failed"] += 1
        finally:
            q.task_done()
