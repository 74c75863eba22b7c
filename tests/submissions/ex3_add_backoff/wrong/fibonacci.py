# label: wrong
# exercise: ex3_add_backoff
# misconception: other-growth
# contract: ex3: the waits grow like Fibonacci's numbers
# expect: The waits grow like Fibonacci's numbers (1, 1, 2, 3 delays): each should be backoff times the last.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        pause, following = delay, delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
                    pause, following = following, pause + following
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
