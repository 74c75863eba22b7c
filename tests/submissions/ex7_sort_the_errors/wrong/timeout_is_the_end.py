# label: wrong
# exercise: ex7_sort_the_errors
# misconception: timeout-ends-consumer
# contract: ex7 point 1: no answer in time is taken for the end of the work
# expect: A TimeoutError is a failure that may pass: the consumer tries again, it does not return.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def passing(error):
    return isinstance(error, ConnectionError) or getattr(error, "status", 0) in {408, 429, 500, 502, 503, 504}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        try:
            item = await q.get()
            tried = 0
            while True:
                tried += 1
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except (ServiceError, ConnectionError) as error:
                    if not passing(error):
                        stats["rejected"] += 1
                        break
                if tried == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (tried - 1)
                await asyncio.sleep(d + d * jitter * random.random())
            q.task_done()
        except asyncio.TimeoutError:
            return
