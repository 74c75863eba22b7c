# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; an async generator hands out the tries, each of which is a context that swallows failures
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random
from contextlib import AsyncExitStack


class TransientError(Exception):
    pass


class Attempt:
    def __init__(self, number, seconds):
        self.number = number
        self.seconds = seconds
        self.failed = False

    async def __aenter__(self):
        self.stack = AsyncExitStack()
        await self.stack.enter_async_context(asyncio.timeout(self.seconds))
        return self

    async def __aexit__(self, kind, error, traceback):
        try:
            await self.stack.__aexit__(kind, error, traceback)
        except TimeoutError:
            self.failed = True
        else:
            self.failed = isinstance(error, (TransientError, TimeoutError))
        return self.failed


async def tries(attempts, timeout, delay, backoff, jitter, stats):
    for number in range(1, attempts + 1):
        attempt = Attempt(number, timeout)
        yield attempt
        if not attempt.failed:
            stats["consumed"] += 1
            return
        if number < attempts:
            stats["retried"] += 1
            pause = delay * backoff ** (number - 1)
            await asyncio.sleep(pause + random.uniform(0, pause * jitter))
    stats["failed"] += 1


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        async for attempt in tries(attempts, timeout, delay, backoff, jitter, stats):
            async with attempt:
                await process_item(item)
        q.task_done()
