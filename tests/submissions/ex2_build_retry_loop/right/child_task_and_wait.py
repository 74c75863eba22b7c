# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; each try is a task that is waited for, and cancelled with the consumer
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


async def attempt(process_item, item):
    """The exception of one try, or None."""
    task = asyncio.ensure_future(process_item(item))
    try:
        await asyncio.wait([task])
    finally:
        task.cancel()
    return task.exception()


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for number in range(1, attempts + 1):
            error = await attempt(process_item, item)
            if error is None:
                stats["consumed"] += 1
                break
            if not isinstance(error, TransientError):
                raise error
            if number == attempts:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
        q.task_done()
