# label: wrong
# exercise: ex2_build_retry_loop
# misconception: one-try-too-few
# contract: ex2 point 1: attempts - 1 tries, none at all for attempts=1
# expect: An item is tried attempts - 1 times only, and not at all with attempts=1: range(1, attempts) ends before attempts.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts - 1:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
