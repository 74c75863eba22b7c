# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-not-marked
# contract: ex7 point 6: the way of the refusal leads past task_done()
# expect: task_done() once per item, whichever way it was settled.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def work_on(item, q, process_item, stats, attempts, delay, backoff, jitter):
    for attempt in range(1, attempts + 1):
        try:
            await process_item(item)
        except ServiceError as error:
            if error.status not in (408, 429, 500, 502, 503, 504):
                stats["rejected"] += 1
                return
        except (TimeoutError, ConnectionError):
            pass
        else:
            stats["consumed"] += 1
            break
        if attempt < attempts:
            stats["retried"] += 1
            d = delay * backoff ** (attempt - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
    else:
        stats["failed"] += 1
    q.task_done()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        await work_on(item, q, process_item, stats, attempts, delay, backoff, jitter)
