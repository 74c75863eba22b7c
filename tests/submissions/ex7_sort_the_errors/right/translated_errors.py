# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; the errors are translated into two of the module's own, and never leave it
# expect: Passed.
import asyncio
import random
from contextlib import asynccontextmanager

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

class Later(Exception):
    pass


class Never(Exception):
    pass


@asynccontextmanager
async def translated():
    try:
        yield
    except (TimeoutError, ConnectionError) as error:
        raise Later from error
    except ServiceError as error:
        raise (Later if error.status in (408, 429, 500, 502, 503, 504) else Never) from error


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        failures = 0
        while True:
            try:
                async with translated():
                    await process_item(item)
                stats["consumed"] += 1
            except Never:
                stats["rejected"] += 1
            except Later:
                failures += 1
                if failures < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (failures - 1)
                    await asyncio.sleep(random.triangular(d, d, d) + random.uniform(0, d * jitter))
                    continue
                stats["failed"] += 1
            break
        q.task_done()
