# label: wrong
# exercise: ex7_sort_the_errors
# misconception: bug-retried
# contract: ex7 point 3: except* reaches into a group that the service let out
# expect: A group of ServiceErrors is none of the three: it leaves.
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
        tries, way = 0, None
        while way is None:
            tries += 1
            way = "consumed"
            try:
                await process_item(item)
            except* ServiceError as group:
                statuses = {error.status for error in _flat(group)}
                way = None if statuses <= {408, 429, 500, 502, 503, 504} else "rejected"
            except* (TimeoutError, ConnectionError):
                way = None
            if way is None:
                if tries == attempts:
                    way = "failed"
                else:
                    stats["retried"] += 1
                    d = delay * backoff ** (tries - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
        stats[way] += 1
        q.task_done()


def _flat(group):
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _flat(error)
        else:
            yield error
