# label: hostile
# exercise: ex3_add_backoff
# kind: trace
# verdict: either
# contract: right, and makes some 16,000 events more in each scenario than it needs
# expect: Your file does far more than the exercise needs, or passed.
import asyncio

seen = []


def noise():
    """Once in each scenario."""
    loop = asyncio.get_running_loop()
    if loop in seen:
        return
    seen[:] = [loop]
    q = asyncio.Queue()
    for n in range(8_000):
        q.put_nowait(n)
        q.get_nowait()


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
