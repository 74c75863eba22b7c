# label: wrong
# exercise: ex7_sort_the_errors
# misconception: consumer-ends-on-empty-queue
# contract: ex7 point 5: a consumer that had nothing to do for an hour returns
# expect: No limit of time: an idle consumer waits until it is cancelled.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def settle(item, process_item, stats, attempts, delay, backoff, jitter):
    for attempt in range(1, attempts + 1):
        try:
            await process_item(item)
            return "consumed"
        except (TimeoutError, ConnectionError):
            pass
        except ServiceError as error:
            if error.status not in {408, 429, 500, 502, 503, 504}:
                return "rejected"
        if attempt < attempts:
            stats["retried"] += 1
            d = delay * backoff ** (attempt - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
    return "failed"


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        try:
            async with asyncio.timeout(3600):
                item = await q.get()
        except TimeoutError:
            return
        stats[await settle(item, process_item, stats, attempts, delay, backoff, jitter)] += 1
        q.task_done()
