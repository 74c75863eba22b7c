# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 point 4: the base class of TransientError is caught
# expect: A built-in ConnectionError is retried: the except clause names the base class instead of TransientError.
import asyncio


class TransientError(ConnectionError):
    """503, try again"""


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except ConnectionError:
                if attempt == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
