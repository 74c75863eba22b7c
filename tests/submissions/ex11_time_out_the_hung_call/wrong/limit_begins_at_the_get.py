# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-covers-the-get
# contract: ex11 point 1: the time of an item's first try runs from the moment at which the consumer began to wait for the item
# expect: The time of a try runs while the consumer waits for the item.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        got, tried, key = [], 0, None
        while key is None:
            try:
                async with asyncio.timeout(timeout):
                    if not got:
                        got.append(await q.get())
                    tried += 1
                    await process_item(got[0])
                key = "consumed"
            except (TransientError, TimeoutError):
                if not got:
                    continue  # nothing to do yet
                if tried == attempts:
                    key = "failed"
                else:
                    stats["retried"] += 1
                    pause = delay * backoff ** (tried - 1)
                    await asyncio.sleep(pause + random.uniform(0, pause * jitter))
        stats[key] += 1
        q.task_done()
