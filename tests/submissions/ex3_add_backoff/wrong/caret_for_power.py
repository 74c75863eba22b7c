# label: wrong
# exercise: ex3_add_backoff
# misconception: xor-for-power
# contract: ex3: ^ is not a power in Python, so the waits neither start at delay nor grow
# expect: In Python ^ is a bitwise xor: the waits are 2, 3 and 0 delays. A power is written **.
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
                    await asyncio.sleep(delay * (int(backoff) ^ (attempt - 1)))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
