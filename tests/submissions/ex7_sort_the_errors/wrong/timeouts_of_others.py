# label: wrong
# exercise: ex7_sort_the_errors
# misconception: bug-retried
# contract: ex7 point 3: whatever has Timeout in its name is retried
# expect: The timeout of another library is no TimeoutError: it leaves.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def passing(error):
    if isinstance(error, ServiceError):
        return error.status in {408, 429, 500, 502, 503, 504}
    return isinstance(error, (TimeoutError, ConnectionError)) or "Timeout" in repr(type(error))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = "failed"
        for number in range(1, attempts + 1):
            try:
                await process_item(item)
                key = "consumed"
            except Exception as error:
                if passing(error):
                    if number < attempts:
                        stats["retried"] += 1
                        d = delay * backoff ** (number - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                    continue
                if not isinstance(error, ServiceError):
                    raise
                key = "rejected"
            break
        stats[key] += 1
        q.task_done()
