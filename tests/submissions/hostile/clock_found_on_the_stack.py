# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: does not wait: finds the clock in the frames below its own, and moves it
# expect: Failed: the retries do not wait.
import random
import sys

def clock():
    frame = sys._getframe()
    while frame is not None:
        for value in frame.f_locals.values():
            for one in (value, getattr(value, "clock", None)):
                if hasattr(type(one), "move_to"):
                    return one
        frame = frame.f_back


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    now = clock()
                    now.move_to(now.now + d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
