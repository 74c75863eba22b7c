# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; an async generator sleeps between the tries
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def paced(attempts, delay, backoff):
    """Numbers of the tries, each in its time."""
    pause = delay
    for number in range(1, attempts + 1):
        if number > 1:
            await asyncio.sleep(pause)
            pause *= backoff
        yield number


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        settled = "failed"
        async for number in paced(attempts, delay, backoff):
            if number > 1:
                stats["retried"] += 1
            try:
                await process_item(item)
            except TransientError:
                continue
            settled = "consumed"
            break
        stats[settled] += 1
        q.task_done()
