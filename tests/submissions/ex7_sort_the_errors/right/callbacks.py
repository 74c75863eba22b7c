# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; a retry helper that calls back, and closures that count
# expect: Passed.
import asyncio
from random import uniform

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def with_retries(call, pauses, on_done, on_retry, on_refusal, on_failure):
    pauses = list(pauses)
    while True:
        try:
            await call()
        except ServiceError as error:
            if error.status not in (408, 429, 500, 502, 503, 504):
                return on_refusal()
        except (ConnectionError, TimeoutError):
            pass
        else:
            return on_done()
        if not pauses:
            return on_failure()
        d, share = pauses.pop(0)
        on_retry()
        await asyncio.sleep(d + uniform(0, d * share))


def adds(stats, key):
    def add():
        stats[key] += 1

    return add


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    keys = "consumed", "retried", "rejected", "failed"
    hooks = [adds(stats, key) for key in keys]
    while True:
        item = await q.get()

        async def call(item=item):
            await process_item(item)

        await with_retries(
            call, ((delay * backoff**k, jitter) for k in range(attempts - 1)), *hooks
        )
        q.task_done()
