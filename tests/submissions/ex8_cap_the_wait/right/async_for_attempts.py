# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; `async for attempt in attempts_of(...)`, and the attempt is a context that swallows transient errors
# expect: Passed: the async generator ends where no further try may begin.
import asyncio
import random


class TransientError(Exception):
    pass


class Attempt:
    ok = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.ok = kind is None
        return kind is not None and issubclass(kind, TransientError)


async def attempts_of(most, delay, backoff, jitter, max_delay, deadline, stats):
    clock = asyncio.get_running_loop().time
    begun = clock()
    for number in range(1, most + 1):
        attempt = Attempt()
        yield attempt
        if attempt.ok or number == most:
            return
        d = delay if delay < max_delay else max_delay
        delay = d * backoff
        wait = d * (1 + random.random() * jitter)
        if deadline is not None and clock() - begun > deadline - wait:
            return
        stats["retried"] += 1
        await asyncio.sleep(wait)


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        key = "failed"
        tries = attempts_of(attempts, delay, backoff, jitter, max_delay, deadline, stats)
        async for attempt in tries:
            with attempt:
                await process_item(item)
            if attempt.ok:
                key = "consumed"
        stats[key] += 1
        q.task_done()
