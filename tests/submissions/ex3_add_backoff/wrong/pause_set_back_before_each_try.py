# label: wrong
# exercise: ex3_add_backoff
# misconception: constant-delay
# contract: ex3: the pause is set back before each try, so it never grows
# expect: Every retry waits the same time: the pause is multiplied, but set back to delay at the start of each try. Set it once per item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            pause = delay
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
