# label: wrong
# exercise: ex7_sort_the_errors
# misconception: counts-unsettled-item
# contract: ex7 point 6: an item that an error or a cancellation interrupts is counted as rejected
# expect: An item that is not settled is in none of the counts.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        way = "rejected"
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except (ServiceError, TimeoutError, ConnectionError) as error:
                    if getattr(error, "status", 503) not in {408, 429, 500, 502, 503, 504}:
                        break
                    if attempt < attempts:
                        stats["retried"] += 1
                        d = delay * backoff ** (attempt - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    way = "consumed"
                    break
            else:
                way = "failed"
        finally:
            stats[way] += 1
            q.task_done()
