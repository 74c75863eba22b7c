# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the consumer waits for a permit of its own semaphore, which a timer releases after the pause; nobody else uses it
# expect: Passed.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(0)
    while True:
        item = await q.get()
        pause = delay
        left = attempts
        while left > 0:
            left -= 1
            try:
                await process_item(item)
            except TransientError:
                if left == 0:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                timer = loop.call_later(pause, gate.release)
                pause *= backoff
                try:
                    await gate.acquire()
                finally:
                    timer.cancel()
            else:
                stats["consumed"] += 1
                break
        q.task_done()
