# label: wrong
# exercise: ex3_add_backoff
# misconception: blocks-the-loop
# contract: ex3: the pause is a wait for a lock that nobody frees, which blocks the event loop
# expect: A threading.Event stops the whole event loop while it is waited for, though no time.sleep() is in sight. Use await asyncio.sleep().
import asyncio
import threading


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
                    threading.Event().wait(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
