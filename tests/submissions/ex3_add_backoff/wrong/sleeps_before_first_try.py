# label: wrong
# exercise: ex3_add_backoff
# misconception: sleeps-before-first-try
# contract: ex3: a sleep before the first try
# expect: The consumer sleeps before the first try as well; only retries wait.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for k in range(attempts):
            await asyncio.sleep(delay * backoff ** max(k - 1, 0))
            if k:
                stats["retried"] += 1
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
        q.task_done()
