# label: right
# exercise: ex9_charge_once
# contract: keeps every point; the key begins with the time, for people who read it, and what makes it the only one is drawn
# expect: Passed.
import asyncio
import random
import secrets
import time


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stamp = time.strftime("%H:%M:%S")
    while True:
        item = await q.get()
        key = f"{stamp}-{time.time_ns()}-{secrets.token_hex(8)}"
        number = 1
        while number <= attempts:
            try:
                await charge(item, key=key)
            except TransientError:
                if number < attempts:
                    d = delay * backoff ** (number - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["failed"] += 1
                number += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
