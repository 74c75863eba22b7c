# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-taken-for-refusal
# contract: ex7 point 1: an error without a status is sorted by the last status that there was
# expect: Each error is sorted by itself: a TimeoutError may pass, whatever the item before it was answered.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    status = 503
    while True:
        item = await q.get()
        attempt, settled = 1, False
        while not settled:
            try:
                await process_item(item)
                key = "consumed"
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if isinstance(error, ServiceError):
                    status = error.status
                if status not in (408, 429, 500, 502, 503, 504):
                    key = "rejected"
                else:
                    key = "failed" if attempt >= attempts else "retried"
            stats[key] += 1
            settled = key != "retried"
            if not settled:
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                attempt += 1
        q.task_done()
