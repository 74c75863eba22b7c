# label: hostile
# exercise: ex3_add_backoff
# kind: memory
# verdict: either
# contract: right, and leaves as much as fits in as many pipes as it may open
# expect: Your file used more memory than allowed, or passed.
import asyncio
import os

def fill():
    read, write = os.pipe()
    kept.append((read, write))
    os.set_blocking(write, False)
    for _ in range(64):
        os.write(write, bytes(1 << 14))


kept = []
for _ in range(100):
    try:
        fill()
    except OSError:
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
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
