# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-carried-to-next-item
# contract: ex3: the next item starts with the long wait of the last one
# expect: The pause is set to delay once per consumer instead of once per item: an item that follows a failing one starts with its long wait.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    pause = delay
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    pause *= backoff
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
