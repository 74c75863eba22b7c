# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: moves the clock that its event loop keeps
# expect: Failed: the retries do not wait.
import asyncio


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
                    clock = asyncio.get_running_loop().clock
                    clock.now = round(clock.now + delay * backoff ** (attempt - 1), 9)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
