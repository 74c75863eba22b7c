# label: wrong
# exercise: ex8_cap_the_wait
# misconception: deadline-cuts-off-try
# contract: ex8 point 2: a timer of the loop cancels the try at the deadline
# expect: A try that is running at the deadline is cancelled.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        begun, d, key = loop.time(), delay, None
        for tried in range(1, attempts + 1):
            work = asyncio.ensure_future(process_item(item))
            timer = None if deadline is None else loop.call_at(begun + deadline, work.cancel)
            try:
                await asyncio.wait({work})
            finally:
                if timer is not None:
                    timer.cancel()
                work.cancel()
            if work.cancelled():
                key = "failed"
                break
            try:
                work.result()
                key = "consumed"
                break
            except TransientError:
                d = min(d, max_delay)
                wait = d + random.uniform(0, d * jitter)
                d *= backoff
                if tried == attempts or (deadline is not None and loop.time() + wait > begun + deadline):
                    key = "failed"
                    break
            stats["retried"] += 1
            await asyncio.sleep(wait)
        stats[key] += 1
        q.task_done()
