# label: hostile
# exercise: ex4_add_jitter
# kind: tampering
# verdict: either
# contract: right, without any of its standard streams
# expect: Passed.
import asyncio
import random
import sys

sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = sys.__stderr__ = None


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
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
