# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-window-too-large
# contract: ex4: multiplied before the first sleep, and the jitter feeds into the next delay
# expect: Multiplied before the first sleep, and the jitter feeds into the next delay.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


def retry_with_exponential_backoff(func, stats, initial_delay, exponential_base, jitter, max_retries):
    async def wrapper(*args):
        num_retries, delay = 0, initial_delay
        while True:
            try:
                return await func(*args)
            except TransientError:
                num_retries += 1
                if num_retries > max_retries:
                    raise
                stats["retried"] += 1
                delay *= exponential_base * (1 + jitter * random.random())
                await asyncio.sleep(delay)
    return wrapper


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    job = retry_with_exponential_backoff(process_item, stats, delay, backoff, jitter, attempts - 1)
    while True:
        item = await q.get()
        try:
            await job(item)
            stats["consumed"] += 1
        except TransientError:
            stats["failed"] += 1
        q.task_done()
