# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-ends-consumer
# contract: ex7 point 1: no clause for ConnectionError
# expect: A lost connection may pass: catch ConnectionError as well.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

PASSING = frozenset({408, 429, 500, 502, 503, 504})


async def attempt_all(item, process_item, stats, attempts, delay, backoff, jitter):
    for number in range(attempts):
        if number:
            stats["retried"] += 1
            d = delay * backoff ** (number - 1)
            await asyncio.sleep(random.uniform(d, d * (1 + jitter)))
        try:
            await process_item(item)
            return "consumed"
        except ServiceError as error:
            if error.status not in PASSING:
                return "rejected"
        except TimeoutError:
            continue
    return "failed"


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        way = await attempt_all(item, process_item, stats, attempts, delay, backoff, jitter)
        stats[way] += 1
        q.task_done()
