# label: wrong
# exercise: ex3_add_backoff
# misconception: item-put-back
# contract: ex2 point 5: the item is put back when its wait is over
# expect: The item goes back into the queue after its wait, behind all others; retries stay with the consumer that holds the item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    loop = asyncio.get_running_loop()
    tries = {}
    while True:
        item = await q.get()
        n = tries[item] = tries.get(item, 0) + 1
        try:
            await process_item(item)
        except TransientError:
            if n < attempts:
                stats["retried"] += 1
                loop.call_later(delay * backoff ** (n - 1), q.put_nowait, item)
            else:
                stats["failed"] += 1
                del tries[item]
        else:
            stats["consumed"] += 1
            del tries[item]
        q.task_done()
