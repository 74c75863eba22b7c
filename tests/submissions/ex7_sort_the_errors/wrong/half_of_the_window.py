# label: wrong
# exercise: ex7_sort_the_errors
# misconception: jitter-window-too-small
# contract: ex7 point 5: the random part goes up to half of d * jitter only
# expect: u is drawn from 0 to d * jitter.
import asyncio
import random


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status


def pauses(attempts, delay, backoff, jitter):
    for k in range(attempts - 1):
        d = delay * backoff**k
        yield d + d * jitter * random.random() / 2


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for pause in (*pauses(attempts, delay, backoff, jitter), None):
            try:
                await process_item(item)
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if isinstance(error, ServiceError) and error.status not in {408, 429, 500, 502, 503, 504}:
                    stats["rejected"] += 1
                    break
                if pause is not None:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
