# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-cycled-list
# contract: ex4: ten numbers are drawn at import and used again and again
# expect: Ten numbers are drawn at import and used over and over: every eleventh retry waits the same. Draw afresh for every retry.
import asyncio
import itertools
import random

SHARES = itertools.cycle([random.random() for _ in range(10)])


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d * (1 + jitter * next(SHARES)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
