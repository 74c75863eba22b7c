# label: right
# exercise: ex9_charge_once
# contract: keeps every point; each consumer draws eight hex digits when it begins, and counts behind them
# expect: Passed.
import asyncio
import random
import secrets
from itertools import count


class TransientError(Exception):
    pass

async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    mine = secrets.token_hex(4)
    for number in count():
        item = await q.get()
        outcome = "failed"
        for k in range(attempts):
            if k:
                stats["retried"] += 1
                d = delay * backoff ** (k - 1)
                await asyncio.sleep(d + random.uniform(0, jitter) * d)
            try:
                await charge(item, key=f"{name}-{mine}-{number}")
            except TransientError:
                continue
            outcome = "consumed"
            break
        stats[outcome] += 1
        q.task_done()
