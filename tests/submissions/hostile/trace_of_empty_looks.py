# label: hostile
# exercise: ex2_build_retry_loop
# kind: trace
# verdict: either
# contract: right, and looks 40,000 times whether an empty queue holds an item
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
    for n in range(40_000):
        try:
            q.get_nowait()
        except asyncio.QueueEmpty:
            pass


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    noise()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
