# label: wrong
# exercise: ex7_sort_the_errors
# misconception: attempts-per-kind
# contract: ex7 point 1: errors of each kind are counted by themselves
# expect: An item has attempts tries in all, whatever each of them failed with.
import asyncio
import random
from collections import Counter

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        tried = Counter()
        while True:
            try:
                await process_item(item)
            except ServiceError as error:
                if error.status not in (408, 429, 500, 502, 503, 504):
                    stats["rejected"] += 1
                    break
                kind = "service"
            except TimeoutError:
                kind = "timeout"
            except ConnectionError:
                kind = "connection"
            else:
                stats["consumed"] += 1
                break
            tried[kind] += 1
            if tried[kind] == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            d = delay * backoff ** (tried.total() - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
