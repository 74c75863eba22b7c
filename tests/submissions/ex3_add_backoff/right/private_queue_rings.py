# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the pause is a get() from a private queue that a timer fills; the timer is cancelled when the consumer leaves
# expect: Passed.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def rest(seconds):
    bell = asyncio.Queue()
    timer = asyncio.get_running_loop().call_later(seconds, bell.put_nowait, "ring")
    try:
        await bell.get()
    finally:
        timer.cancel()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await rest(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
