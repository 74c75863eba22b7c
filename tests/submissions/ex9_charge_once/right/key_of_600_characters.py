# label: right
# exercise: ex9_charge_once
# contract: keeps every point; the key is very long, and what differs comes at its end
# expect: Passed.
import asyncio
import random
import secrets


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = "order-of-the-coffee-bar/".ljust(500, ".") + secrets.token_hex(50)
        for attempt in range(attempts):
            try:
                await charge(item, key=key)
                break
            except TransientError:
                if attempt + 1 == attempts:
                    key = None
                    break
                stats["retried"] += 1
                d = delay * backoff ** attempt
                await asyncio.sleep(d + d * random.uniform(0, jitter))
        stats["consumed" if key else "failed"] += 1
        q.task_done()
