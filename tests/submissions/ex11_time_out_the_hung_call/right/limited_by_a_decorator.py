# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; two decorators, one limits the call and one retries it
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import functools
import random


class TransientError(Exception):
    pass


def limited(seconds):
    def decorate(function):
        @functools.wraps(function)
        async def call(*args):
            async with asyncio.timeout(seconds):
                return await function(*args)
        return call
    return decorate


def retried(*kinds, attempts, delay, backoff, jitter, before_retry):
    def decorate(function):
        async def call(item):
            for k in range(attempts - 1):
                try:
                    return await function(item)
                except kinds:
                    base = delay * backoff**k
                    before_retry()
                await asyncio.sleep(random.triangular(base, base, base) + random.uniform(0, base * jitter))
            return await function(item)
        return call
    return decorate


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def count():
        stats["retried"] += 1

    @retried(TransientError, TimeoutError, attempts=attempts, delay=delay, backoff=backoff, jitter=jitter,
             before_retry=count)
    @limited(timeout)
    async def call(item):
        await process_item(item)

    while True:
        item = await q.get()
        try:
            await call(item)
        except (TransientError, TimeoutError):
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
