# label: wrong
# exercise: ex7_sort_the_errors
# misconception: late-refusal-retried
# contract: ex7 point 2: only the first answer is looked at
# expect: Each failed try is sorted anew.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

FINAL = "rejected"


async def first_answer(process_item, item):
    try:
        await process_item(item)
    except ServiceError as error:
        return None if error.status in (408, 429, 500, 502, 503, 504) else FINAL
    except (TimeoutError, ConnectionError):
        return None
    return "consumed"


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        way = await first_answer(process_item, item)
        for retry in range(attempts - 1):
            if way is not None:
                break
            stats["retried"] += 1
            d = delay * backoff**retry
            await asyncio.sleep(d + random.uniform(0, d * jitter))
            try:
                await process_item(item)
                way = "consumed"
            except (ServiceError, TimeoutError, ConnectionError):
                pass
        stats[way or "failed"] += 1
        q.task_done()
