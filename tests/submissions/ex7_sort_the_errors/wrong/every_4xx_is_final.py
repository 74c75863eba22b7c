# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-taken-for-refusal
# contract: ex7 point 1: 408 and 429 are settled as rejected
# expect: 408 and 429 may pass, although they begin with a 4.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

SERVER_TROUBLE = {500, 502, 503, 504}


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except ServiceError as error:
                if error.status not in SERVER_TROUBLE:
                    stats["rejected"] += 1
                    break
            except (TimeoutError, ConnectionError):
                pass
            else:
                stats["consumed"] += 1
                break
            if attempt == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            clean = delay * backoff ** (attempt - 1)
            await asyncio.sleep(clean + random.uniform(0, clean * jitter))
        q.task_done()
