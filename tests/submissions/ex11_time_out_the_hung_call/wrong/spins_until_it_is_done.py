# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: polls-the-call
# contract: ex11 point 1: a loop around sleep(0) asks whether the call has ended, and takes the whole processor meanwhile
# expect: The end of the call is asked for again and again instead of awaited.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    task = loop.create_task(call)
    try:
        while not task.done():
            if loop.time() >= end:
                raise TimeoutError
            await asyncio.sleep(0)
        return task.result()
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
