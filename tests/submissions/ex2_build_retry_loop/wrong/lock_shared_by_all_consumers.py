# label: wrong
# exercise: ex2_build_retry_loop
# misconception: work-serialised
# contract: ex2 point 1: a waiting item is not begun while another consumer works
# expect: Only one consumer works at a time: the lock makes the others wait with their items in hand. Within one event loop the counts need no lock.
import asyncio


class TransientError(Exception):
    pass


LOCKS = {}


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    # one lock for each event loop, because the stats are shared
    lock = LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    while True:
        item = await q.get()
        async with lock:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
        q.task_done()
