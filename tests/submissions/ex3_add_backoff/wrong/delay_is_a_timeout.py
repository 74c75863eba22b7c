# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-taken-for-timeout
# contract: ex3: the pause limits how long a try may take instead of following it
# expect: The delay is used as a timeout for the next try instead of a wait before it: the retry follows at once, and slow work is cut off.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = None
        for attempt in range(1, attempts + 1):
            try:
                async with asyncio.timeout(pause):
                    await process_item(item)
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
