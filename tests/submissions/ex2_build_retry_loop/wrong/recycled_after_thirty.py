# label: wrong
# exercise: ex2_build_retry_loop
# misconception: success-ends-consumer
# contract: ex2: 1: the worker retires after 30 items, as pre-forked servers do (nobody starts a new one here): item 31 of a consumer is never begun
# expect: A consumer ends with its first success.
import asyncio

MAX_ITEMS_PER_WORKER = 30


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    for _ in range(MAX_ITEMS_PER_WORKER):
        item = await q.get()
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
    print(name, "retires")
