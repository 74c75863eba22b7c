# label: wrong
# exercise: ex3_add_backoff
# misconception: error-held-back
# contract: ex2 point 4: any other exception leaves the consumer at once
# expect: A ValueError leaves the consumer only after a wait: what will not be retried need not wait.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except Exception as error:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                await asyncio.sleep(delay * backoff ** (attempt - 1))
                if not isinstance(error, TransientError):
                    raise
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
