# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-miscounted
# contract: ex7 point 6: a refused item is counted as rejected and as failed
# expect: Each item is settled once, under one of three keys.
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
        done, k = False, 0
        while not done and k < attempts:
            if k:
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            k += 1
            try:
                await process_item(item)
                done = True
            except ServiceError as error:
                if error.status not in (408, 429, 500, 502, 503, 504):
                    stats["rejected"] += 1
                    break
            except (ConnectionError, TimeoutError):
                continue
        if done:
            stats["consumed"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
