# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-not-retried
# contract: ex7 point 1: an item is given up on after its first timeout
# expect: A TimeoutError is followed by another try, as a 503 is.
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
            except TimeoutError:
                stats["failed"] += 1  # it has taken long enough
                break
            except (ServiceError, ConnectionError) as error:
                if isinstance(error, ServiceError):
                    if error.status not in (408, 429, 500, 502, 503, 504):
                        stats["rejected"] += 1
                        break
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
