# label: wrong
# exercise: ex7_sort_the_errors
# misconception: tried-for-ever
# contract: ex7 point 1: a 429 is no failed try, and so there is no end of them
# expect: Every failed try counts, a 429 as well.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

BUSY, PASSING = 429, (408, 500, 502, 503, 504)


async def admitted(process_item, item, stats, delay, backoff, jitter):
    """Send it as soon as the service lets us in."""
    turn = 0
    while True:
        try:
            return await process_item(item)
        except ServiceError as error:
            if error.status != BUSY:
                raise
        stats["retried"] += 1
        d = delay * backoff**turn
        turn += 1
        await asyncio.sleep(d + random.uniform(0, d * jitter))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await admitted(process_item, item, stats, delay, backoff, jitter)
                stats["consumed"] += 1
                break
            except ServiceError as error:
                if error.status not in PASSING:
                    stats["rejected"] += 1
                    break
            except (TimeoutError, ConnectionError):
                pass
            if attempt == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            d = delay * backoff ** (attempt - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))
        q.task_done()
