# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the growth is added up as a logarithm, which never overflows
# expect: Passed: exp() of the smaller of two logarithms is the capped d.
import asyncio
import math
import random


class TransientError(Exception):
    pass


class GivenUp(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    now = asyncio.get_running_loop().time
    top, step = math.log(max_delay), math.log(backoff)

    async def settle(item):
        begun, height = now(), math.log(delay)
        for left in reversed(range(attempts)):
            try:
                await process_item(item)
            except TransientError:
                pass
            else:
                return
            d = math.exp(min(top, height))
            height += step
            wait = random.SystemRandom().uniform(d, d + jitter * d)
            if not left or (deadline is not None and now() + wait - begun > deadline):
                raise GivenUp
            stats["retried"] += 1
            await asyncio.sleep(wait)

    while True:
        item = await q.get()
        try:
            await settle(item)
        except GivenUp:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
