# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a try calls the next one
# expect: Passed: also with three hundred attempts.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

AGAIN = frozenset([408, 429, 500, 502, 503, 504])


async def settle(item, process_item, stats, number, attempts, pause, backoff, jitter):
    try:
        await process_item(item)
        return "consumed"
    except ServiceError as error:
        if error.status not in AGAIN:
            return "rejected"
    except (TimeoutError, ConnectionError):
        pass
    if number == attempts:
        return "failed"
    stats["retried"] += 1
    await asyncio.sleep(pause + random.uniform(0, pause * jitter))
    rest = attempts, pause * backoff, backoff, jitter
    return await settle(item, process_item, stats, number + 1, *rest)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        stats[await settle(item, process_item, stats, 1, attempts, delay, backoff, jitter)] += 1
        q.task_done()
