# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: clean-up-cut-short
# contract: ex11 point 2, at the far end of the range: the clean-up may take an hour, then it is cancelled
# expect: A clean-up takes as long as it takes.
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
        task.cancel()
        for _ in range(2):
            await asyncio.wait({task}, timeout=3600)
            if task.done():
                break
            task.cancel()
        raise TimeoutError
    finally:
        if not task.done():
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
