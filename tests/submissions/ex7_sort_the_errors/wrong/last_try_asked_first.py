# label: wrong
# exercise: ex7_sort_the_errors
# misconception: last-refusal-counts-as-failed
# contract: ex7 point 2: whether it was the last try is asked before the error is sorted
# expect: Sort first: a refusal at the last try is a refusal.
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
                stats["retried"] += 1
                clean = delay * backoff ** (attempt - 1)
                await asyncio.sleep(random.uniform(clean, clean + clean * jitter))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
