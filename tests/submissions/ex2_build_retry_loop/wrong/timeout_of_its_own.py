# label: wrong
# exercise: ex2_build_retry_loop
# misconception: own-timeout-added
# contract: ex2 points 1 and 4: work that takes longer than a second is cut off
# expect: Work that takes longer than one second is cut off with a TimeoutError that nobody asked for: process_item may take as long as it needs.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await asyncio.wait_for(process_item(item), timeout=1.0)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
