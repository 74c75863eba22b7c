# label: wrong
# exercise: ex7_sort_the_errors
# misconception: refusal-counts-as-failed
# contract: ex7 point 6: a refused item is counted as failed
# expect: rejected counts refusals, failed what was given up on.
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
        succeeded = False
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                succeeded = True
                break
            except ServiceError as error:
                if error.status not in (408, 429, 500, 502, 503, 504):
                    break  # no use
            except (TimeoutError, ConnectionError):
                pass
            if attempt < attempts:
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        stats["consumed" if succeeded else "failed"] += 1
        q.task_done()
