# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; all pauses of an item are drawn before its first try, and slept in pieces of a minute
# expect: Passed: a pause may be drawn long before it is needed.
import asyncio
import random
import time


class TransientError(Exception):
    pass


def schedule(attempts, delay, backoff, jitter, max_delay):
    d = delay
    for _ in range(attempts - 1):
        d = min(d, max_delay)
        yield d + d * jitter * random.betavariate(1, 1)
        d *= backoff
    yield None


async def sleep_until(end):
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 60.0))


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        begun = time.time_ns()
        for wait in list(schedule(attempts, delay, backoff, jitter, max_delay)):
            try:
                await process_item(item)
            except TransientError:
                pass
            else:
                stats["consumed"] += 1
                break
            late = deadline is not None and wait is not None and time.time_ns() + wait * 1e9 > begun + deadline * 1e9
            if wait is None or late:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            await sleep_until(time.monotonic() + wait)
        q.task_done()
