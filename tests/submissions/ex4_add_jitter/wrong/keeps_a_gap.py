# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-counter
# contract: ex4 "Draws are independent between consumers": a draw within a fifth of the window of the process's last draw is thrown away and repeated: two failures in a row never come back close to each other, so the draws depend on each other
# expect: The random part follows from the one before, as from a counter.
import asyncio
import random
import time


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


_last = -1.0


def draw():
    global _last
    share = random.random()
    while abs(share - _last) < 0.2:
        share = random.random()
    _last = share
    return share


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + clean * jitter * draw()
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
