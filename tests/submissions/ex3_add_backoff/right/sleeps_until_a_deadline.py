# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; sleeps until a deadline on the loop's clock
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def sleep_until(moment):
    loop = asyncio.get_running_loop()
    while (left := moment - loop.time()) > 0:
        await asyncio.sleep(left)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        pause = delay
        for left in range(attempts - 1, -1, -1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                failed_at = clock()
            if left:
                stats["retried"] += 1
                await sleep_until(failed_at + pause)
                pause *= backoff
        else:
            stats["failed"] += 1
        q.task_done()
