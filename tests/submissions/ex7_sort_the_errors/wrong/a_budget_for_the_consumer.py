# label: wrong
# exercise: ex7_sort_the_errors
# misconception: tries-carried-to-next-item
# contract: ex7 point 4: the tries left are not set anew for the next item
# expect: Each item has attempts tries of its own.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    tried = 0
    while True:
        item = await q.get()
        while True:
            tried += 1
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    tried = 0
                    break
                if tried < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (tried - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                    continue
                stats["failed"] += 1
                tried -= 1
            else:
                stats["consumed"] += 1
                tried = 0
            break
        q.task_done()
