# label: wrong
# exercise: ex2_build_retry_loop
# misconception: raises-an-error-of-its-own
# contract: ex2 2: Python deletes the name of "except ... as error" at the end of the clause: when an item is given up on, the test after the loop raises UnboundLocalError
# expect: The code raises an error that is none of the service's.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        error = None
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                error = None
                break
            except TransientError as error:
                if attempt < attempts:
                    stats["retried"] += 1
                print(name, "try", attempt, "failed:", error)
        if error is not None:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
