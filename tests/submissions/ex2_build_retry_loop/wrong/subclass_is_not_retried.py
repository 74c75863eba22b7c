# label: wrong
# exercise: ex2_build_retry_loop
# misconception: subclass-not-retried
# contract: ex2 point 4: a subclass of TransientError is not retried
# expect: A subclass of TransientError is a TransientError too: `except TransientError` alone retries both.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if type(error) is not TransientError:
                    raise
                if attempt < attempts:
                    stats["retried"] += 1
                    pass
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
