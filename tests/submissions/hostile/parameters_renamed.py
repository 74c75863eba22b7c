# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: parameters have other names
# expect: consumer() does not take the keyword `backoff`: the signature is fixed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(worker_name, queue, func, counters, *, max_attempts=4, base_delay=0.03, factor=2.0, jitter=0.25) -> None:
    while True:
        item = await queue.get()
        for n in range(1, max_attempts + 1):
            try:
                await func(item)
            except TransientError:
                if n < max_attempts:
                    d = base_delay * factor ** (n - 1)
                    counters["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                counters["consumed"] += 1
                break
        else:
            counters["failed"] += 1
        queue.task_done()
