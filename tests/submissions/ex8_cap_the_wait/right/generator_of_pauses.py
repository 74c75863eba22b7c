# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a generator yields the pauses that fit, and ends where none does
# expect: Passed: a pause that does not fit ends the generator.
import asyncio
import random
import time


class TransientError(Exception):
    pass


def pauses(attempts, delay, backoff, jitter, max_delay, deadline):
    began = time.monotonic()
    yield None  # the first try
    for number in range(attempts - 1):
        try:
            d = min(max_delay, delay * backoff**number)
        except OverflowError:
            d = max_delay
        pause = random.uniform(d, d * (1 + jitter))
        if deadline is not None and time.monotonic() + pause > began + deadline:
            return
        yield pause


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        for pause in pauses(attempts, delay, backoff, jitter, max_delay, deadline):
            if pause is not None:
                stats["retried"] += 1
                await asyncio.sleep(pause)
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
        q.task_done()
