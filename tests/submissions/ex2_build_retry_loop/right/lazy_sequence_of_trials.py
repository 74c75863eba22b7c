# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


async def succeeds(process_item, item):
    ok = True
    try:
        await process_item(item)
    except TransientError:
        ok = False
    return ok


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    def results(item):
        return (succeeds(process_item, item) for _ in range(attempts))

    while True:
        item = await q.get()
        tries = 0
        for trial in results(item):
            tries += 1
            if tries > 1:
                stats["retried"] += 1
            if await trial:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
