# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-twice
# contract: ex2 point 3: two task_done() for an item that is given up
# expect: An item that is given up is marked as done twice: once in the except branch and once at the end.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    q.task_done()
                else:
                    stats["retried"] += 1
        q.task_done()
