# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: pause-from-the-timeout
# contract: ex11 point 2: the pause runs while the cancelled call cleans up
# expect: The pause counts from the end of the clean-up.
import asyncio
import random


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            pause = delay * backoff ** (attempt - 1)
            pause += random.uniform(0, pause * jitter)
            call = asyncio.create_task(process_item(item))
            try:
                await asyncio.wait({call}, timeout=timeout)
                if call.done():
                    call.result()
                    stats["consumed"] += 1
                    break
                call.cancel()
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.gather(asyncio.wait({call}), asyncio.sleep(pause))
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            finally:
                if not call.done() and not call.cancelling():
                    call.cancel()
        else:
            stats["failed"] += 1
        q.task_done()
