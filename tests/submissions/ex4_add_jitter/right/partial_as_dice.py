# label: right
# exercise: ex4_add_jitter
# contract: keeps every point
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
from functools import partial
from random import uniform


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    stretch = partial(uniform, 1.0, 1.0 + jitter)

    def ladder():
        step = delay
        while True:
            yield step * stretch()
            step *= backoff

    while True:
        item = await q.get()
        pauses = ladder()
        for retries_left in reversed(range(attempts)):
            try:
                await process_item(item)
            except TransientError:
                if not retries_left:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(next(pauses))
            else:
                stats["consumed"] += 1
                break
        q.task_done()
