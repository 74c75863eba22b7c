# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: retries-during-clean-up
# contract: ex11 point 2: the next try begins while the cancelled one still cleans up
# expect: cancel() only asks: wait until the call has ended.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                call = asyncio.create_task(process_item(item))
                try:
                    done, pending = await asyncio.wait({call}, timeout=timeout)
                    if pending:
                        raise TimeoutError
                    call.result()
                finally:
                    call.cancel()
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
