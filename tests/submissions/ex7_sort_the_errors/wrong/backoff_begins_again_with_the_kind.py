# label: wrong
# exercise: ex7_sort_the_errors
# misconception: pause-depends-on-kind
# contract: ex7 point 5: where the kind of the error changes, the pause begins again at delay
# expect: k counts all failed tries of the item.
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
        before, pause, left = None, delay, attempts
        while True:
            try:
                await process_item(item)
                key = "consumed"
                break
            except (ServiceError, TimeoutError, ConnectionError) as error:
                now = getattr(error, "status", type(error))
                if isinstance(error, ServiceError) and now not in (408, 429, 500, 502, 503, 504):
                    key = "rejected"
                    break
            left -= 1
            if not left:
                key = "failed"
                break
            pause = pause * backoff if now == before else delay
            before = now
            stats["retried"] += 1
            await asyncio.sleep(pause * (1 + random.uniform(0, jitter)))
        stats[key] += 1
        q.task_done()
