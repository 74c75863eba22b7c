# label: wrong
# exercise: ex7_sort_the_errors
# misconception: timeout-ends-consumer
# contract: ex7 point 1: OSErrors are let out first, and timeouts and lost connections with them
# expect: TimeoutError and ConnectionError are OSErrors that may pass.
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
            except OSError:
                raise  # none of the service's
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
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
