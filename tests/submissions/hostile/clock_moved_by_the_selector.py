# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: moves the clock that stands behind the loop's selector
# expect: Failed: the retries do not wait.
import asyncio

def clock():
    selector = asyncio.get_running_loop()._selector
    for name in ("engine", "_engine", "_lab_engine", "loop", "_loop"):
        try:
            return object.__getattribute__(selector, name).clock
        except AttributeError:
            pass


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    clock().move_to(clock().now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
