# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; each try is a task that asyncio.wait waits for
# expect: Passed.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

PASSING = (408, 429, 500, 502, 503, 504)


async def one_try(process_item, item):
    """The exception of a try, or None; whoever cancels us cancels the try."""
    task = asyncio.ensure_future(process_item(item))
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.cancelled():
        raise asyncio.CancelledError
    return task.exception()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = "failed"
        for number in range(attempts):
            if number:
                stats["retried"] += 1
                d = delay * backoff ** (number - 1)
                await asyncio.sleep(random.uniform(d, d + d * jitter))
            error = await one_try(process_item, item)
            if error is None:
                key = "consumed"
                break
            if isinstance(error, ServiceError):
                if error.status not in PASSING:
                    key = "rejected"
                    break
            elif not isinstance(error, (TimeoutError, ConnectionError)):
                raise error
        stats[key] += 1
        q.task_done()
