# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-counter
# contract: ex4: the random part is computed from a counter
# expect: A counter spreads the waits evenly, but in the same order in every copy of the program: nothing is random, so the copies come back together.
import asyncio
import itertools

GOLDEN = 0.6180339887498949
_count = itertools.count(1)


class TransientError(Exception):
    pass


def share():
    return next(_count) * GOLDEN % 1


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
