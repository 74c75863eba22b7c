# label: wrong
# exercise: ex7_sort_the_errors
# misconception: os-errors-retried
# contract: ex7 point 3: OSError is caught, the class above timeouts and lost connections
# expect: A PermissionError is an OSError, too: name the two classes.
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
            except OSError:  # timeouts and lost connections
                refused = False
            except ServiceError as error:
                refused = error.status not in {408, 429, 500, 502, 503, 504}
            else:
                stats["consumed"] += 1
                break
            if refused:
                stats["rejected"] += 1
                break
            if attempt < attempts:
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        else:
            stats["failed"] += 1
        q.task_done()
