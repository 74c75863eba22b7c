# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: cancellation-taken-for-timeout
# contract: ex11 point 3: a cancellation that comes during the clean-up is taken for the timeout before it
# expect: The consumer's own cancellation, during a clean-up, is taken for a timeout.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    task = asyncio.create_task(call)
    over = []
    alarm = asyncio.get_running_loop().call_later(seconds, lambda: over.append(task.cancel()))
    try:
        await task
    except asyncio.CancelledError:
        if over:
            raise TimeoutError from None
        raise
    finally:
        alarm.cancel()


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
