# label: wrong
# exercise: ex2_build_retry_loop
# misconception: one-try-too-many
# contract: ex2 point 1: attempts + 1 tries
# expect: An item is tried attempts + 1 times: attempts counts all tries, the first one too, not the retries.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
        q.task_done()
