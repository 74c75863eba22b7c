# label: wrong
# exercise: ex7_sort_the_errors
# misconception: subclass-sorted-otherwise
# contract: ex7 point 1: errors are sorted by the names of their classes
# expect: A ConnectionResetError is a ConnectionError: let the classes decide, not their names.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

NAMES = {"TimeoutError", "ConnectionError"}


def sort(error):
    if isinstance(error, ServiceError):
        return "again" if error.status in (408, 429, 500, 502, 503, 504) else "rejected"
    return "again" if type(error).__name__ in NAMES else "out"


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        way, tries = "again", 0
        while way == "again":
            if tries:
                stats["retried"] += 1
                d = delay * backoff ** (tries - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            tries += 1
            try:
                await process_item(item)
                way = "consumed"
            except Exception as error:
                way = sort(error)
                if way == "out":
                    raise
                if way == "again" and tries == attempts:
                    way = "failed"
        stats[way] += 1
        q.task_done()
