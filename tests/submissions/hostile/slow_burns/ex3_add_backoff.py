# label: hostile
# exercise: ex3_add_backoff
# kind: slow
# verdict: either
# contract: right, and computes for 0.6 s of processor time in each scenario
# expect: Your consumer computes for long, or passed.
import asyncio
import time

seen = []


def burn():
    loop = asyncio.get_running_loop()
    if loop not in seen:
        seen[:] = [loop]
        until = time.process_time() + 0.6
        while time.process_time() < until:
            pass


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    burn()
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
