# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: retries-during-clean-up
# contract: ex11 point 2, where a clean-up takes long: the cancelled call is waited for a second at most
# expect: The next try begins while the cancelled one still cleans up.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    task = asyncio.create_task(call)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.wait({task}, timeout=1.0)  # but not for ever
    raise TimeoutError


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
