# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3: all consumers use and change one pause
# expect: All consumers share one pause: a failure in one makes the others wait longer, and a new item in one sets it back for all. It belongs to one item of one consumer.
import asyncio


class TransientError(Exception):
    pass


current_pause = None


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    global current_pause
    while True:
        item = await q.get()
        current_pause = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    pause, current_pause = current_pause, current_pause * backoff
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
