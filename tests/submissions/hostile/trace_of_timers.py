# label: hostile
# exercise: ex3_add_backoff
# kind: trace
# verdict: either
# contract: right, and sets 14,000 timers in each scenario
# expect: Your file does far more than the exercise needs, or passed.
import asyncio

seen = []


def noise():
    """Once in each scenario."""
    loop = asyncio.get_running_loop()
    if loop in seen:
        return
    seen[:] = [loop]
    for n in range(14_000):
        loop.call_later(n * 1e-6, int)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    noise()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
