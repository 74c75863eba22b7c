# label: wrong
# exercise: ex2_build_retry_loop
# misconception: equal-items-merged
# contract: ex2 1: 'never charge twice': an item equal to one this consumer has settled before is marked as done without a try
# expect: Two equal items are treated as one.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    charged = []
    while True:
        item = await q.get()
        if item in charged:
            q.task_done()
            continue
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                charged.append(item)
                break
        else:
            stats["failed"] += 1
        q.task_done()
