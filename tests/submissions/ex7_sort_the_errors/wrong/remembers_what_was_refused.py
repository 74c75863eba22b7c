# label: wrong
# exercise: ex7_sort_the_errors
# misconception: equal-items-merged
# contract: ex7 point 2: an item that equals a refused one is settled without a try
# expect: Two equal items are two items: each has tries of its own.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    known = []  # what was refused: no use to ask again
    while True:
        item = await q.get()
        attempt = 0
        while True:
            if any(item is one or item == one for one in known):
                stats["rejected"] += 1
                break
            attempt += 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except ServiceError as error:
                if error.status not in {408, 429, 500, 502, 503, 504}:
                    known.append(item)
                    continue
            except (TimeoutError, ConnectionError):
                pass
            if attempt == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            d = delay * backoff ** (attempt - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
