# label: wrong
# exercise: ex7_sort_the_errors
# misconception: counts-unsettled-item
# contract: ex7 point 3: every failure is counted as a retry before it is sorted, also one that leaves
# expect: retried counts the retries that are made.
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
            except ServiceError as error:
                if error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
            except Exception as error:
                if not isinstance(error, (TimeoutError, ConnectionError)):
                    stats["retried"] += 1
                    raise
            else:
                stats["consumed"] += 1
                break
            if attempt < attempts:
                stats["retried"] += 1
                clean = delay * backoff ** (attempt - 1)
                await asyncio.sleep(clean + random.uniform(0, clean * jitter))
        else:
            stats["failed"] += 1
        q.task_done()
