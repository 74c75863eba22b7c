# label: wrong
# exercise: ex3_add_backoff
# misconception: linear-backoff
# contract: ex3: the first retry does not wait
# expect: The first retry waits 0 s: the factor attempt - 1 makes it immediate and the growth linear.
import asyncio


class TransientError(Exception):
    pass


def pause_before(retry, delay, backoff):
    return delay * backoff * (retry - 1)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause_before(attempt, delay, backoff))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
