# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: clean-up-cut-short
# contract: ex11 point 2: the call is cancelled again and again, which breaks off its clean-up
# expect: One cancellation is enough: a second one breaks off the clean-up.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    task = asyncio.create_task(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        while not task.done():  # some take more than one
            task.cancel()
            await asyncio.sleep(0)
        raise TimeoutError
    finally:
        task.cancel()


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await limited(process_item(item), timeout)
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
