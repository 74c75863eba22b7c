# label: wrong
# exercise: ex7_sort_the_errors
# misconception: swallows-cancellation
# contract: ex7 point 3: the bare except of a bug hunt also catches the cancellation
# expect: CancelledError leaves the consumer: no bare except.
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
            except BaseException as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
                passing = ServiceError, TimeoutError, ConnectionError, asyncio.CancelledError
                if not isinstance(error, passing):
                    raise
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
