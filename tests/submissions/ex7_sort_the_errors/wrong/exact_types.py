# label: wrong
# exercise: ex7_sort_the_errors
# misconception: subclass-sorted-otherwise
# contract: ex7 point 1: the type is compared, so that subclasses leave
# expect: Subclasses may pass as well: isinstance(), or an except clause.
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
            except Exception as error:
                kind = type(error)
                if kind is ServiceError:
                    passing = error.status in {408, 429, 500, 502, 503, 504}
                elif kind in (TimeoutError, ConnectionError):
                    passing = True
                else:
                    raise
                if not passing:
                    stats["rejected"] += 1
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
