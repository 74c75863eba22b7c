# label: wrong
# exercise: ex7_sort_the_errors
# misconception: pause-depends-on-kind
# contract: ex7 point 5: after a TimeoutError there is no pause
# expect: The pause is the same after every transient error.
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
            more = attempt < attempts
            try:
                await process_item(item)
            except TimeoutError:
                stats["retried"] += more
                continue  # time enough has passed
            except (ServiceError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
                if more:
                    stats["retried"] += 1
                    pause = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(pause + random.uniform(0, pause * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
