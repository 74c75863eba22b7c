# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-counter
# contract: ex4 "u drawn at random, afresh for every retry": each consumer's share moves from its last one by at most a tenth (modulo 1): uniform in the long run, but two successive retries of a consumer wait nearly the same share
# expect: The random part follows from the one before, as from a counter.
import asyncio
import random
import time


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    share = random.random()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    share = (share + random.uniform(-0.1, 0.1)) % 1.0
                    pause = clean + clean * jitter * share
                    stats["retried"] += 1
                    seconds = time.perf_counter() - start
                    print(name, "RETRY", item, attempt, f"{pause:.3f}", f"{seconds:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
