# label: wrong
# exercise: ex3_add_backoff
# misconception: backoff-shrinks
# contract: ex3: the wait is divided by backoff
# expect: The waits get shorter: they are divided by backoff instead of multiplied. A service in trouble needs more time, not less.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for left in range(attempts - 1, -1, -1):
            try:
                await process_item(item)
            except TransientError:
                if left:
                    stats["retried"] += 1
                    tried = attempts - left
                    await asyncio.sleep(delay / backoff ** (tried - 1))
                else:
                    stats["failed"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
