# label: wrong
# exercise: ex7_sort_the_errors
# misconception: stats-too-late
# contract: ex7 point 6: rejected becomes true only when the consumer ends
# expect: Count where the item is settled.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    refused = []
    try:
        while True:
            item = await q.get()
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except (ServiceError, TimeoutError, ConnectionError) as error:
                    if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                        refused.append(item)
                        break
                    if attempt < attempts:
                        stats["retried"] += 1
                        d = delay * backoff ** (attempt - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    finally:
        stats["rejected"] += len(refused)
