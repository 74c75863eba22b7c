# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; task_done() stands in a finally, also for an item that is left unsettled
# expect: Passed: at most one task_done() for an item that an error leaves.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

RETRY = {408, 429, 500, 502, 503, 504}


async def send(item, process_item, stats, attempts, delay, backoff, jitter):
    for attempt in range(attempts):
        try:
            return await process_item(item), "consumed"
        except ServiceError as error:
            if error.status not in RETRY:
                return error, "rejected"
            reason = error
        except (ConnectionError, TimeoutError) as error:
            reason = error
        if attempt + 1 == attempts:
            return reason, "failed"
        stats["retried"] += 1
        pause = delay * backoff**attempt
        await asyncio.sleep(pause + random.uniform(0.0, jitter * pause))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        try:
            _answer, way = await send(item, process_item, stats, attempts, delay, backoff, jitter)
            stats[way] += 1
        finally:
            q.task_done()
