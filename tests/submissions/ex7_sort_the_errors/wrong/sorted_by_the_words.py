# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-retried
# contract: ex7 point 2: the text of the error is searched for a status
# expect: The status decides, not the words: an order may well be called 503.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

TRANSIENT = ("408", "429", "500", "502", "503", "504")


def transient(error):
    if isinstance(error, (TimeoutError, ConnectionError)):
        return True
    return any(code in str(error) for code in TRANSIENT)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def tries_of(item):
        k = 0
        while True:
            k += 1
            try:
                await process_item(item)
                return "consumed"
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if not transient(error):
                    return "rejected"
            if k == attempts:
                return "failed"
            stats["retried"] += 1
            d = delay * backoff ** (k - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))

    while True:
        item = await q.get()
        stats[await tries_of(item)] += 1
        q.task_done()
