# label: wrong
# exercise: ex9_charge_once
# misconception: key-per-try
# contract: ex9 point 1: after a failed try the key is drawn anew
# expect: A retry carries another key than the first try, so the guest pays twice.
import asyncio
import random
import secrets


class TransientError(Exception):
    pass


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = secrets.token_hex(16)
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
            except TransientError:
                key = secrets.token_hex(16)  # the old one is used up
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
