# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; an async generator paces the tries of an item
# expect: Passed.
import asyncio
import random
from contextlib import aclosing

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

PASSING = {408, 429, 500, 502, 503, 504}


async def paced(attempts, delay, backoff, jitter, stats):
    yield attempts == 1
    for number in range(1, attempts):
        stats["retried"] += 1
        d = delay * backoff ** (number - 1)
        await asyncio.sleep(d + random.uniform(0, d * jitter))
        yield number == attempts - 1


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        async with aclosing(paced(attempts, delay, backoff, jitter, stats)) as tries:
            async for is_last in tries:
                try:
                    await process_item(item)
                except (TimeoutError, ConnectionError):
                    outcome = "failed"
                except ServiceError as error:
                    outcome = "failed" if error.status in PASSING else "rejected"
                else:
                    outcome = "consumed"
                if outcome != "failed" or is_last:
                    break
        stats[outcome] += 1
        q.task_done()
