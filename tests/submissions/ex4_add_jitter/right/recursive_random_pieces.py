# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; draws u by decimal digits, then sleeps d + u in up to eight pieces cut at random places by recursion
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


async def nap(seconds, depth=3):
    """Sleep `seconds` in all, cut in two at a random place, and each part again."""
    if depth == 0:
        await asyncio.sleep(seconds)
        return
    first = seconds * random.random()
    await nap(first, depth - 1)
    await nap(seconds - first, depth - 1)


def share():
    return float("0." + "".join(random.choices("0123456789", k=9)))


class Tries:
    """Counts the tries of one item; as a context manager it absorbs the transient failures."""

    def __init__(self):
        self.made, self.good = 0, False

    def __enter__(self):
        self.made += 1

    def __exit__(self, kind, error, traceback):
        self.good = kind is None
        return isinstance(error, TransientError)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        tries = Tries()
        while True:
            with tries:
                await process_item(item)
            if tries.good or tries.made == attempts:
                break
            d = delay * backoff ** (tries.made - 1)
            stats["retried"] += 1
            await nap(d + share() * d * jitter)
        stats["consumed" if tries.good else "failed"] += 1
        q.task_done()
