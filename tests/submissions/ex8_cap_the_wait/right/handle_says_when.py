# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the timer for the next try is set first, and cancelled again when it would ring too late
# expect: Passed: the loop's own handle tells when the pause would end.
import asyncio
import math
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        latest = math.inf if deadline is None else loop.time() + deadline
        d = delay
        for left in reversed(range(attempts)):
            try:
                await process_item(item)
            except TransientError:
                d = min(d, max_delay)
                bell = asyncio.Event()
                handle = loop.call_later(random.uniform(d, d * (1 + jitter)), bell.set)
                d *= backoff
                try:
                    if not left or handle.when() > latest:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
                    await bell.wait()
                finally:
                    handle.cancel()
            else:
                stats["consumed"] += 1
                break
        q.task_done()
