# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: a yield makes it an async generator
# expect: consumer is an async generator because of its yield: it cannot run as a task.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                yield await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                stats["retried"] += 1
                await asyncio.sleep(delay * backoff ** (attempt - 1))
        q.task_done()
