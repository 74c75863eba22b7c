# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: does not wait: asks the collector for whatever can be moved like a clock
# expect: Failed: the retries do not wait.
import gc
import random

def clocks():
    return [one for one in gc.get_objects() if hasattr(type(one), "move_to")]


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
                    pause = d + random.uniform(0, d * jitter)
                    for clock in clocks():
                        clock.move_to(clock.now + pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
