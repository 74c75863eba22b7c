# label: wrong
# exercise: ex3_add_backoff
# misconception: swallows-cancellation
# contract: ex2 point 4: CancelledError is swallowed during the wait
# expect: A consumer that is cancelled while it waits for a retry goes on with the retry: let CancelledError pass.
import asyncio
from contextlib import suppress


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    with suppress(asyncio.CancelledError):
                        await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
