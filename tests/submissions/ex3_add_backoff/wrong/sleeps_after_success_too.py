# label: wrong
# exercise: ex3_add_backoff
# misconception: sleeps-after-success
# contract: ex3: a wait after every try
# expect: The wait is in a finally block, so it also follows a success and holds the next item up.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            finally:
                await asyncio.sleep(delay * backoff ** (attempt - 1))
        q.task_done()
