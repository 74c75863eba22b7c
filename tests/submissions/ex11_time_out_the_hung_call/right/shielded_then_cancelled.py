# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; wait_for() gives up on a shield only, and the call is cancelled and awaited by hand
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    """503, and the like."""


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        tried = 0
        settled = False
        while not settled:
            tried += 1
            call = asyncio.create_task(process_item(item))
            try:
                await asyncio.wait_for(asyncio.shield(call), timeout)
                stats["consumed"] += 1
                settled = True
            except (TransientError, TimeoutError):
                if not call.done():
                    call.cancel()
                    await asyncio.wait({call})
                if tried >= attempts:
                    stats["failed"] += 1
                    settled = True
                else:
                    stats["retried"] += 1
                    clean = delay * backoff ** (tried - 1)
                    await asyncio.sleep(clean + clean * jitter * random.random())
            except asyncio.CancelledError:
                call.cancel()
                raise
        q.task_done()
