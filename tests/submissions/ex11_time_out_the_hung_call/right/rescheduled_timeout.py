# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; one timeout for a try, opened without a limit, set when the call begins and lifted after it
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    now = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        for attempt in range(attempts):
            try:
                async with asyncio.timeout(None) as limit:
                    try:
                        limit.reschedule(now() + timeout)
                        await process_item(item)
                        limit.reschedule(None)
                        stats["consumed"] += 1
                        break
                    except TransientError:
                        limit.reschedule(None)
                        raise
            except (TransientError, TimeoutError):
                pass
            if attempt + 1 == attempts:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
                d = delay * backoff**attempt
                await asyncio.sleep(d + d * random.uniform(0, jitter))
        q.task_done()
