# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; a task of its own settles each item, and is cancelled and awaited with its consumer
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def settle(item, process_item, stats, timeout, attempts, pauses):
    """The key of the count that the item belongs to."""
    for left in reversed(range(attempts)):
        try:
            async with asyncio.timeout(timeout):
                await process_item(item)
        except (TransientError, TimeoutError):
            if not left:
                return "failed"
        else:
            return "consumed"
        stats["retried"] += 1
        await asyncio.sleep(next(pauses))


def backing_off(delay, backoff, jitter):
    while True:
        yield delay + delay * random.uniform(0, jitter)
        delay *= backoff


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        worker = asyncio.create_task(
            settle(item, process_item, stats, timeout, attempts, backing_off(delay, backoff, jitter))
        )
        try:
            key = await worker
        except asyncio.CancelledError:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            raise
        stats[key] += 1
        q.task_done()
