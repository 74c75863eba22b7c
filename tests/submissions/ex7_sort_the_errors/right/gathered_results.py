# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; gather() gives the error back instead of raising it
# expect: Passed.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def sort(result):
        if not isinstance(result, BaseException):
            return "consumed"
        if isinstance(result, ServiceError):
            return None if result.status in {408, 429, 500, 502, 503, 504} else "rejected"
        if isinstance(result, (TimeoutError, ConnectionError)):
            return None
        raise result

    while True:
        item = await q.get()
        pauses = [delay * backoff**n for n in range(attempts - 1)]
        [result] = await asyncio.gather(process_item(item), return_exceptions=True)
        while (key := sort(result)) is None and pauses:
            stats["retried"] += 1
            d = pauses.pop(0)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
            [result] = await asyncio.gather(process_item(item), return_exceptions=True)
        stats[key or "failed"] += 1
        q.task_done()
