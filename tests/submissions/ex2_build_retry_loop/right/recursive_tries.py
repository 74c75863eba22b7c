# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    """The service was busy."""


async def settle(process_item, item, stats, tries_left):
    try:
        await process_item(item)
    except TransientError:
        if tries_left == 1:
            stats["failed"] += 1
        else:
            stats["retried"] += 1
            await settle(process_item, item, stats, tries_left - 1)
    else:
        stats["consumed"] += 1


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        await settle(process_item, item, stats, attempts)
        q.task_done()
