# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a decorator makes the call try again
# expect: Passed.
import asyncio
import functools
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

def is_passing(error):
    return getattr(error, "status", 503) in (408, 429, 500, 502, 503, 504)


def retrying(attempts, pause, before_retry):
    def decorate(function):
        @functools.wraps(function)
        async def wrapped(*args):
            for number in range(1, attempts + 1):
                try:
                    return await function(*args)
                except (ServiceError, TimeoutError, ConnectionError) as error:
                    if number == attempts or not is_passing(error):
                        raise
                before_retry()
                await asyncio.sleep(pause(number))

        return wrapped

    return decorate


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def pause(number):
        d = delay * backoff ** (number - 1)
        return d + random.uniform(0, d * jitter)

    def count():
        stats["retried"] += 1

    @retrying(attempts, pause, count)
    async def send(item):
        await process_item(item)

    while True:
        item = await q.get()
        try:
            await send(item)
        except (ServiceError, TimeoutError, ConnectionError) as error:
            stats["failed" if is_passing(error) else "rejected"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
