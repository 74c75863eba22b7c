# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-counter
# contract: ex4 "Draws are independent between consumers": every second draw of the process is 1 minus the one before it: of two consumers that fail one after the other, the second's share follows from the first's. Each alone is uniform
# expect: The random part follows from the one before, as from a counter.
import asyncio
import random


class TransientError(Exception):
    pass


_mirror = []


def draw():
    """Draws in pairs, so that they balance."""
    if _mirror:
        return 1.0 - _mirror.pop()
    share = random.random()
    _mirror.append(share)
    return share


async def consumer(
    name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25
):
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
            else:
                stats["consumed"] += 1
                break
            clean = delay * backoff ** (attempt - 1)
            pause = clean + clean * jitter * draw()
            stats["retried"] += 1
            await asyncio.sleep(pause)
            attempt += 1
        q.task_done()
