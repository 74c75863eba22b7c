# label: wrong
# exercise: ex3_add_backoff
# misconception: sleep-not-awaited
# contract: ex3: the sleep runs in a task nobody awaits
# expect: The sleep runs in a task of its own that nobody awaits: the retry comes at once.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    asyncio.create_task(asyncio.sleep(delay * backoff ** (attempt - 1)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
