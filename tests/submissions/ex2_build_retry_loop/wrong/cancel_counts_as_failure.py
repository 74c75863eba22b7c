# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2 point 4: a cancelled item is counted as failed and the consumer goes on
# expect: CancelledError in the middle of an item is counted as a failure and the consumer takes the next item: it cannot be cancelled while it works.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        attempt = 0
        while True:
            attempt += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt >= attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            except asyncio.CancelledError:
                stats["failed"] += 1
                break
        q.task_done()
