# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-shared-by-all
# contract: ex4: a default argument is drawn once, when the function is defined
# expect: A default argument is computed once, when the function is defined: all retries of all consumers use the same random number.
import asyncio
import random


class TransientError(Exception):
    pass


def jittered(d, jitter, share=random.random()):
    return d + d * jitter * share


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(jittered(delay * backoff ** (attempt - 1), jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
