# label: wrong
# exercise: ex7_sort_the_errors
# misconception: default-changed
# contract: ex7 point 5: left to its default, jitter is a fifth instead of a quarter
# expect: The defaults belong to the signature, which is fixed.
import asyncio
import random


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status


def final(error):
    return getattr(error, "status", 503) not in {408, 429, 500, 502, 503, 504}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.2):
    while True:
        item = await q.get()
        outcome, number = None, 1
        while outcome is None:
            try:
                await process_item(item)
                outcome = "consumed"
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if final(error):
                    outcome = "rejected"
                elif number == attempts:
                    outcome = "failed"
            if outcome is None:
                stats["retried"] += 1
                d = delay * backoff ** (number - 1)
                number += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        stats[outcome] += 1
        q.task_done()
