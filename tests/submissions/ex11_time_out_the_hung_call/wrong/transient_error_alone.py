# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: service-timeout-not-retried
# contract: ex11 point 3: the own limit is noticed by asyncio.wait(), and a TimeoutError of the service's own ends the consumer
# expect: A TimeoutError of the service's own is retried like a TransientError.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    task = asyncio.create_task(call)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            task.cancel()
            await asyncio.wait({task})
            raise TransientError("no answer")
        return task.result()
    finally:
        task.cancel()


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await limited(process_item(item), timeout)
            except TransientError:
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
