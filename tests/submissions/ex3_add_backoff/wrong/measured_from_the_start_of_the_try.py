# label: wrong
# exercise: ex3_add_backoff
# misconception: wait-measured-from-start
# contract: ex3: the time that the try took is taken off the wait
# expect: The wait is counted from the start of the failed try, so a slow failure shortens it: it lies between the end of the try and the start of the next.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            began = loop.time()
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(max(0, began + pause - loop.time()))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
