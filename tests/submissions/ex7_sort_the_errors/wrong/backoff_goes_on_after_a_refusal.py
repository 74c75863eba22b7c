# label: wrong
# exercise: ex7_sort_the_errors
# misconception: delay-carried-to-next-item
# contract: ex7 point 5: after a refused item the pauses go on where it had ended
# expect: Each item begins again at delay.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    pause = delay
    while True:
        item = await q.get()
        left = attempts
        while left:
            left -= 1
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
                if left:
                    stats["retried"] += 1
                    await asyncio.sleep(pause + random.uniform(0, pause * jitter))
                    pause *= backoff
                else:
                    stats["failed"] += 1
                    pause = delay
            else:
                stats["consumed"] += 1
                pause = delay
                break
        q.task_done()
