# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; whoever is cancelled in the middle of a clean-up waits for its end, and is cancelled then
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def ended(task):
    """Wait until a task has ended, and only then pass on a cancellation that came meanwhile."""
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        failures = 0
        while True:
            call = asyncio.create_task(process_item(item))
            try:
                await asyncio.wait({call}, timeout=timeout)
            finally:
                if in_time := call.done():
                    error = None if call.cancelled() else call.exception()
                else:
                    call.cancel()
                    await ended(call)
            if in_time and error is None:
                await call  # which raises if it was the service that was cancelled
                stats["consumed"] += 1
                break
            if in_time and not isinstance(error, (TransientError, TimeoutError)):
                raise error
            failures += 1
            if failures == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            clean = delay * backoff ** (failures - 1)
            await asyncio.sleep(clean + random.random() * jitter * clean)
        q.task_done()
