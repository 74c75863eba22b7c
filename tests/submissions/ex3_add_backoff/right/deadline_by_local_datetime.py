# label: right
# exercise: ex3_add_backoff
# contract: keeps every point: the moment of the next try as a datetime, in whole microseconds
# expect: Passed.
import asyncio
import datetime as dt


class TransientError(Exception):
    """May succeed the next time."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        pause = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                due = dt.datetime.now() + dt.timedelta(seconds=pause)
                while dt.datetime.now() < due:
                    await asyncio.sleep((due - dt.datetime.now()).total_seconds())
                pause *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
