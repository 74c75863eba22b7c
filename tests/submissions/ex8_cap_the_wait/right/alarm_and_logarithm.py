# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a logarithm says after how many tries the ceiling is reached, and a timer of the loop ends the pause
# expect: Passed: pauses are capped without any power that could overflow.
import asyncio
import math
import random
from functools import partial


class TransientError(Exception):
    pass


def steps_to_ceiling(delay, backoff, max_delay):
    if delay >= max_delay:
        return 0
    return math.inf if backoff == 1 else math.ceil(math.log(max_delay / delay, backoff)) + 1


def ring(bell):
    if not bell.done():
        bell.set_result(True)


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    steps = steps_to_ceiling(delay, backoff, max_delay)
    while True:
        item, failed, settled = await q.get(), 0, None
        first = loop.time()
        while settled is None:
            try:
                await process_item(item)
                settled = "consumed"
            except TransientError:
                failed += 1
                d = min(max_delay, delay * backoff ** (failed - 1)) if failed - 1 < steps else max_delay
                again = loop.time() + d * random.uniform(1, 1 + jitter)
                if failed >= attempts or (deadline is not None and again - first > deadline):
                    settled = "failed"
                else:
                    stats["retried"] += 1
                    bell = loop.create_future()
                    alarm = loop.call_at(again, partial(ring, bell))
                    try:
                        await bell
                    finally:
                        alarm.cancel()
        stats[settled] += 1
        q.task_done()
