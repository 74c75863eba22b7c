# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; beta(1, 1) is the uniform distribution
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random


class TransientError(Exception):
    pass


async def tries(process_item, item, attempts, pause):
    for number in range(1, attempts + 1):
        try:
            await process_item(item)
        except TransientError:
            if number < attempts:
                await pause(number)
        else:
            return True
    return False


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    async def pause(number):
        d = delay * backoff ** (number - 1)
        stats["retried"] += 1
        await asyncio.sleep(d + d * jitter * random.betavariate(1, 1))

    while True:
        item = await q.get()
        ok = await tries(process_item, item, attempts, pause)
        stats["consumed" if ok else "failed"] += 1
        q.task_done()
