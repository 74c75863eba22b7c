# label: wrong
# exercise: ex7_sort_the_errors
# misconception: every-5xx-retried
# contract: ex7 point 2: 501, 505 and all others from 500 on are retried
# expect: Four statuses from 500 on may pass, no other.
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except ServiceError as error:
                if error.status // 100 != 5 and error.status not in (408, 429):
                    stats["rejected"] += 1
                    break
            except (TimeoutError, ConnectionError):
                pass
            if attempt == attempts:
                stats["failed"] += 1
                break
            clean = delay * backoff ** (attempt - 1)
            stats["retried"] += 1
            await asyncio.sleep(clean + random.uniform(0, clean * jitter))
        q.task_done()
