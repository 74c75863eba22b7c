# label: wrong
# exercise: ex7_sort_the_errors
# misconception: pauses-before-sorting
# contract: ex7 point 2: the pause is slept before it is asked whether there will be another try
# expect: Sort first; only a retry waits.
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
        error, attempt = None, 0
        while attempt < attempts:
            if error is not None:
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    break
                stats["retried"] += 1
            attempt += 1
            try:
                await process_item(item)
                error = None
                break
            except (ServiceError, TimeoutError, ConnectionError) as raised:
                error = raised
        refused = isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}
        stats["consumed" if error is None else "rejected" if refused else "failed"] += 1
        q.task_done()
