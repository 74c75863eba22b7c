# label: wrong
# exercise: ex3_add_backoff
# misconception: ignores-backoff
# contract: ex3: the parameter backoff is not used
# expect: The wait is always doubled; use the parameter backoff.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    pause = pause * 2
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
