# label: right
# exercise: ex3_add_backoff
# contract: keeps every point
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def attempt(call, stats, left, delay, backoff):
    try:
        await call()
    except TransientError:
        pass
    else:
        return True
    if left == 1:
        return False
    stats["retried"] += 1
    await asyncio.sleep(delay)
    return await attempt(call, stats, left - 1, delay * backoff, backoff)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        success = await attempt(lambda: process_item(item), stats, attempts, delay, backoff)
        stats["consumed" if success else "failed"] += 1
        q.task_done()
