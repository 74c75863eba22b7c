# label: right
# exercise: ex9_charge_once
# contract: keeps every point; a task that prints the stats twice a second goes on until the consumer ends
# expect: Passed.
import asyncio
import random
import secrets


class TransientError(Exception):
    pass

async def report(stats):
    while True:
        await asyncio.sleep(0.5)
        print(stats)


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    reporter = asyncio.create_task(report(stats))
    try:
        while True:
            item, key = await q.get(), secrets.token_hex(8)
            for attempt in range(attempts):
                try:
                    await charge(key=key, item=item)
                except TransientError:
                    if attempt < attempts - 1:
                        d = delay * backoff ** attempt
                        stats["retried"] += 1
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    finally:
        reporter.cancel()
