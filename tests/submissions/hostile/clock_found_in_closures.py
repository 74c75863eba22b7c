# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: does not wait: finds the clock in the closures of the time module, and moves it
# expect: Failed: the retries do not wait.
import random
import time

def clock():
    for function in (time.monotonic, time.time, time.sleep):
        for cell in getattr(function, "__closure__", None) or ():
            if hasattr(cell.cell_contents, "move_to"):
                return cell.cell_contents


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
                    clock().move_to(clock().now + d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
