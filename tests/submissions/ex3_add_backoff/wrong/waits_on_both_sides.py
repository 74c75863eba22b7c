# label: wrong
# exercise: ex3_add_backoff
# misconception: wrong-pause
# contract: ex3: the wait is delay * backoff ** (k - 1)
# expect: Each wait is twice as long as asked: it is slept at the end of the failed try, and once more before the next.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = 0.0
        for attempt in range(1, attempts + 1):
            if pause:
                await asyncio.sleep(pause)
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                pause = delay * backoff ** (attempt - 1)
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
