# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; every exception is caught, and all but TransientError are raised again
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        attempt = 0
        settled = False
        while not settled:
            attempt += 1
            try:
                await process_item(item)
            except BaseException as error:
                match error:
                    case TransientError() if attempt < attempts:
                        stats["retried"] += 1
                    case TransientError():
                        stats["failed"] += 1
                        settled = True
                    case _:
                        raise
            else:
                stats["consumed"] += 1
                settled = True
        q.task_done()
