# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: wrong-timeout
# contract: ex11 point 1: a try may take ten milliseconds longer than timeout
# expect: A try is cancelled too late.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                # Some slack, for the overhead of the event loop.
                await asyncio.wait_for(process_item(item), timeout + 0.01)
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
