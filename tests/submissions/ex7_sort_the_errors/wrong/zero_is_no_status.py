# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-retried
# contract: ex7 point 2: a ServiceError with the status 0 is retried
# expect: Any other status is a refusal, also 0.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

AGAIN = {None, 408, 429, 500, 502, 503, 504}


def status(error):
    return getattr(error, "status", None) or None


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for n in range(attempts):
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if status(error) not in AGAIN:
                    key = "rejected"
                elif n == attempts - 1:
                    key = "failed"
                else:
                    key = "retried"
            else:
                key = "consumed"
            stats[key] += 1
            if key != "retried":
                break
            d = delay * backoff**n
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
