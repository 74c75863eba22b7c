# label: wrong
# exercise: ex9_charge_once
# misconception: key-from-the-process
# contract: ex9 point 1: drawn once for the program, with the address of the consumer's task, where a later one comes to lie
# expect: In a later run in the same process a consumer's task has the address of an earlier one, and counts from 1 again.
import asyncio
import random
import secrets


class TransientError(Exception):
    pass


PROGRAM = secrets.token_hex(8)


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    prefix = f"{PROGRAM}-{id(asyncio.current_task()):x}"
    number = 0
    while True:
        item = await q.get()
        number += 1
        d, failed = delay, 0
        while failed < attempts:
            try:
                await charge(item, key=f"{prefix}-{number}")
                stats["consumed"] += 1
                break
            except TransientError:
                failed += 1
                if failed < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(d * (1 + random.uniform(0, jitter)))
                    d *= backoff
        else:
            stats["failed"] += 1
        q.task_done()
