# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-retried
# contract: ex7 point 2: 520 to 524, which one provider sends, are retried as well
# expect: They are none of the six: any other status is a refusal.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

AGAIN = [408, 429, 500, 502, 503, 504, *range(520, 525)]


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def settle(item):
        for attempt in range(1, attempts + 1):
            try:
                return "consumed", await process_item(item)
            except ServiceError as error:
                if error.status not in AGAIN:
                    return "rejected", error
                reason = error
            except (TimeoutError, ConnectionError) as error:
                reason = error
            if attempt < attempts:
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        return "failed", reason

    while True:
        item = await q.get()
        way, _ = await settle(item)
        stats[way] += 1
        q.task_done()
