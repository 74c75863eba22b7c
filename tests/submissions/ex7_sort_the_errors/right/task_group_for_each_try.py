# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a task group around each try, out of which a single error is taken
# expect: Passed.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def verdict(error):
    if isinstance(error, ServiceError):
        passing = error.status in {408, 429, 500, 502, 503, 504}
        return "again" if passing else "rejected"
    if isinstance(error, (TimeoutError, ConnectionError)):
        return "again"
    return None


async def attempt(process_item, item):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(process_item(item))
    except BaseExceptionGroup as errors:
        [error] = errors.exceptions
        found = verdict(error)
        if found is None:
            raise
        return found
    return "consumed"


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        left, wait = attempts, delay
        while (found := await attempt(process_item, item)) == "again":
            left -= 1
            if left == 0:
                found = "failed"
                break
            stats["retried"] += 1
            await asyncio.sleep(wait + wait * jitter * random.random())
            wait *= backoff
        stats[found] += 1
        q.task_done()
