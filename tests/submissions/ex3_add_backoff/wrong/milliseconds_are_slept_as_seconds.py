# label: wrong
# exercise: ex3_add_backoff
# misconception: wrong-unit
# contract: ex3: the wait is a thousand times too long
# expect: The waits are a thousand times too long: delay is in seconds, and so is the argument of asyncio.sleep().
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        delay_ms = delay * 1000
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay_ms * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
