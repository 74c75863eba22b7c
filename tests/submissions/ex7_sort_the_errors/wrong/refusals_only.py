# label: wrong
# exercise: ex7_sort_the_errors
# misconception: timeout-ends-consumer
# contract: ex7 point 1: half of the repair, refusals are settled, but a TimeoutError still ends the consumer
# expect: A TimeoutError may pass: take it out of the clause that lets the cancellation out.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

MAY_PASS = (408, 429, 500, 502, 503, 504)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (asyncio.CancelledError, TimeoutError):
                raise
            except (ServiceError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in MAY_PASS:
                    stats["rejected"] += 1
                    break
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
