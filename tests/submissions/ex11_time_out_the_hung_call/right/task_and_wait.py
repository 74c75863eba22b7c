# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; the call is a task, asyncio.wait() has the limit, finally cancels what is left
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def one_try(process_item, item, timeout):
    """True when it succeeded, False when it is worth another try."""
    call = asyncio.ensure_future(process_item(item))
    try:
        done, _ = await asyncio.wait({call}, timeout=timeout)
        if not done:
            call.cancel()
            await asyncio.wait({call})
            return False
        call.result()
        return True
    except (TransientError, TimeoutError):
        return False
    finally:
        call.cancel()  # when somebody cancels us


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(attempts):
            if await one_try(process_item, item, timeout):
                stats["consumed"] += 1
                break
            if k + 1 < attempts:
                stats["retried"] += 1
                pause = delay * backoff**k
                pause += random.uniform(0, pause * jitter)
                await asyncio.sleep(pause)
        else:
            stats["failed"] += 1
        q.task_done()
