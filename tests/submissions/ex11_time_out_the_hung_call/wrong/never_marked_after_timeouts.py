# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: task-done-missing-when-given-up
# contract: ex11 point 1 and the lesson's rules: an item whose last try was timed out is never marked as done
# expect: task_done() is missing where the last try was timed out.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            d = delay * backoff ** (k - 1)
            d += random.uniform(0, d * jitter)
            try:
                await asyncio.wait_for(process_item(item), timeout=timeout)
                stats["consumed"] += 1
                q.task_done()
                break
            except TimeoutError:
                if k == attempts:
                    stats["failed"] += 1
                    break
            except TransientError:
                if k == attempts:
                    stats["failed"] += 1
                    q.task_done()
                    break
            stats["retried"] += 1
            await asyncio.sleep(d)
