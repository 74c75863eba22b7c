# label: wrong
# exercise: ex7_sort_the_errors
# misconception: bug-swallowed
# contract: ex7 point 3: every other exception is counted as rejected
# expect: Only a ServiceError is a refusal: any other error leaves the consumer.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def may_pass(error):
    if isinstance(error, (TimeoutError, ConnectionError)):
        return True
    return isinstance(error, ServiceError) and error.status in {408, 429, 500, 502, 503, 504}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except Exception as error:
                if not may_pass(error):
                    stats["rejected"] += 1
                    break
                if attempt < attempts:
                    stats["retried"] += 1
                    clean = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
