# label: right
# exercise: ex3_add_backoff
# contract: keeps every point
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio
import functools


class TransientError(Exception):
    pass


def with_backoff(attempts, delay, backoff, before_retry):
    def decorate(function):
        @functools.wraps(function)
        async def wrapper(item):
            for exponent in range(attempts - 1):
                try:
                    return await function(item)
                except TransientError:
                    before_retry(item, exponent + 1)
                await asyncio.sleep(delay * backoff ** exponent)
            return await function(item)

        return wrapper

    return decorate


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    def note(item, number):
        stats["retried"] += 1
        print(name, "RETRY", item, number)

    @with_backoff(attempts, delay, backoff, note)
    async def persistently(item):
        return await process_item(item)

    while True:
        item = await q.get()
        try:
            await persistently(item)
        except TransientError:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
