# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: accept
# contract: prints while it is imported; right
# expect: Passed.
import asyncio
import random

print("=" * 40)
print("PROD 1 SZ 1 0.000")
print("C1 OK 1 0.001")
print('{"status": "starting"}')

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
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()

print("module loaded")
