# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-uses-up-no-try
# contract: ex11 point 1: a try that was timed out is not counted as one of the attempts
# expect: A try that was timed out counts as a try.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        failures = 0
        pause = delay
        while failures < attempts:
            try:
                await asyncio.wait_for(process_item(item), timeout)
            except TimeoutError:
                pass
            except TransientError:
                failures += 1
            else:
                stats["consumed"] += 1
                break
            if failures < attempts:
                stats["retried"] += 1
                await asyncio.sleep(pause + random.uniform(0, pause * jitter))
                pause *= backoff
        else:
            stats["failed"] += 1
        q.task_done()
