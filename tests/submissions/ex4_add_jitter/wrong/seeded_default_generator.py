# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-fixed-seed
# contract: ex4: a generator with a fixed seed, so every run of the program draws the same
# expect: The generator has a fixed seed: every copy of the program draws the same numbers, so a hundred copies come back together.
import asyncio
import random


class TransientError(Exception):
    pass


def pause(k, delay, backoff, jitter, rng=random.Random(42)):
    d = delay * backoff ** (k - 1)
    return rng.uniform(d, d + d * jitter)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    await asyncio.sleep(pause(k, delay, backoff, jitter))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
