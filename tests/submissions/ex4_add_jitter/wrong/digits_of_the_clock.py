# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-clock
# contract: ex4: the random part is computed from the clock
# expect: The last digits of the clock stand in for a random number: consumers that fail at the same moment get the same, and come back together.
import asyncio
import time


class TransientError(Exception):
    pass


def share():
    return time.perf_counter_ns() // 1000 % 1000 / 1000


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
                    await asyncio.sleep(d + share() * d * jitter)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
