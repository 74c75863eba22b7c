# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-ends-consumer
# contract: ex7 point 1: ConnectionResetError is caught, the other lost connections are not
# expect: Catch ConnectionError: a broken pipe or a refused connection may pass, too.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    retry_later = TimeoutError, ConnectionResetError, ConnectionAbortedError
    while True:
        item = await q.get()
        for k in range(attempts):
            last = k == attempts - 1
            try:
                await process_item(item)
            except retry_later:
                key = "failed" if last else "retried"
            except ServiceError as error:
                key = "failed" if last else "retried"
                if error.status not in (408, 429, 500, 502, 503, 504):
                    key = "rejected"
            else:
                key = "consumed"
            stats[key] += 1
            if key != "retried":
                break
            d = delay * backoff**k
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
