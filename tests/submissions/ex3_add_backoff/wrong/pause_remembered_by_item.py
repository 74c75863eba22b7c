# label: wrong
# exercise: ex3_add_backoff
# misconception: equal-items-merged
# contract: ex3: the second of two equal items starts with the wait of the first
# expect: The pauses are remembered by item, so the second of two equal items goes on with the long wait of the first. Two equal items are two items.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    pauses = {}
    while True:
        item = await q.get()
        pauses.setdefault(item, delay)
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pauses[item])
                    pauses[item] *= backoff
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
