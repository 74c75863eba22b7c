# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2 point 4: CancelledError is swallowed while the consumer waits for an item
# expect: While it waits for an item the consumer takes CancelledError for a polite request and returns: let it pass, or raise it again.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        try:
            item = await q.get()
        except asyncio.CancelledError:
            break
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
