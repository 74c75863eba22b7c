# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; functools.singledispatch sorts by class, subclasses included
# expect: Passed.
import asyncio
import random
from functools import singledispatch

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

@singledispatch
def passing(error):
    raise error


@passing.register
def _(error: ServiceError):
    return error.status in {408, 429, 500, 502, 503, 504}


@passing.register(TimeoutError)
@passing.register(ConnectionError)
def _(error):
    return True


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except Exception as error:
                if not passing(error):
                    stats["rejected"] += 1
                    break
                if k == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
            d = delay * backoff ** (k - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
