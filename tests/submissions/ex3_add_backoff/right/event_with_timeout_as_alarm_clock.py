# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the pause is the timeout of a wait for an event that nobody sets
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def doze(seconds):
    never = asyncio.Event()
    try:
        await asyncio.wait_for(never.wait(), timeout=seconds)
    except asyncio.TimeoutError:
        return


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    await doze(delay * backoff ** (k - 1))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
