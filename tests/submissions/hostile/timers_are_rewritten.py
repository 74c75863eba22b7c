# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: sets back the timers of all others instead
# expect: Failed: the retries do not wait.
import asyncio

def postpone(seconds):
    for timer in asyncio.get_running_loop()._scheduled:
        timer._when += seconds


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
                    postpone(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
