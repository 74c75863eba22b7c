# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-many-tries
# contract: ex2 point 1: `attempts` tries in all
# expect: An item is tried attempts + 2 times: the first try stands outside the loop, and the loop makes one more than attempts.
import asyncio


class TransientError(Exception):
    pass



async def tried(process_item, item):
    try:
        await process_item(item)
    except TransientError:
        return False
    return True


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        succeeded = await tried(process_item, item)
        retries = 0
        while not succeeded and retries <= attempts:
            retries += 1
            stats["retried"] += 1
            succeeded = await tried(process_item, item)
        stats["consumed" if succeeded else "failed"] += 1
        q.task_done()
