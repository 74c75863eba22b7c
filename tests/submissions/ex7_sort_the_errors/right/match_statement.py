# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a match statement sorts what was caught
# expect: Passed.
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
        tried, way = 0, None
        while way is None:
            tried += 1
            try:
                await process_item(item)
                way = "consumed"
            except Exception as error:
                match error:
                    case ServiceError(status=408 | 429 | 500 | 502 | 503 | 504):
                        pass
                    case ServiceError():
                        way = "rejected"
                    case TimeoutError() | ConnectionError():
                        pass
                    case _:
                        raise
            if way is None:
                if tried >= attempts:
                    way = "failed"
                    break
                stats["retried"] += 1
                pause = delay * backoff ** (tried - 1)
                await asyncio.sleep(pause * (1 + jitter * random.random()))
        stats[way] += 1
        q.task_done()
