# label: wrong
# exercise: ex7_sort_the_errors
# misconception: transient-taken-for-refusal
# contract: ex7 point 1: an error without a status is taken for a refusal
# expect: A TimeoutError and a ConnectionError have no status, and may pass.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def may_pass(error):
    return getattr(error, "status", None) in (408, 429, 500, 502, 503, 504)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        attempt = 0
        while True:
            attempt += 1
            try:
                await process_item(item)
            except (ServiceError, ConnectionError, TimeoutError) as error:
                if not may_pass(error):
                    outcome = "rejected"
                elif attempt >= attempts:
                    outcome = "failed"
                else:
                    stats["retried"] += 1
                    wait = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(wait + random.uniform(0, wait * jitter))
                    continue
            else:
                outcome = "consumed"
            stats[outcome] += 1
            q.task_done()
            break
