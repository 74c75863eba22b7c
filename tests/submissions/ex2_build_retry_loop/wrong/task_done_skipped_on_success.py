# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-missing
# contract: ex2 point 3: no task_done() for an item that succeeds at the first try
# expect: An item that succeeds at once is never marked as done: `continue` skips the task_done() at the end of the loop.
import asyncio


class TransientError(Exception):
    pass


async def once(process_item, item):
    try:
        await process_item(item)
        return True
    except TransientError:
        return False


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        if await once(process_item, item):
            stats["consumed"] += 1
            continue
        for _ in range(attempts - 1):
            stats["retried"] += 1
            if await once(process_item, item):
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
