# label: wrong
# exercise: ex3_add_backoff
# misconception: forgets-delay
# contract: ex3: the wait is delay * backoff ** (k - 1)
# expect: The waits are 1, 2 and 4 seconds: the power of backoff is slept as it is, and never multiplied by delay.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for retries in range(attempts):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if retries + 1 == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    await asyncio.sleep(backoff ** retries)
        q.task_done()
