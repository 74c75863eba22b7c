# label: right
# exercise: ex9_charge_once
# contract: keeps every point; the key tells the item as well, between it and the count stands what is drawn for the run
# expect: Passed.
import asyncio
import random
import secrets


class TransientError(Exception):
    pass

class Keys:
    def __init__(self):
        self.run = secrets.token_hex(4)
        self.made = 0

    def make(self, item):
        self.made += 1
        return f"{str(item)[:20]}-{self.run}-{self.made}"


KEYS = Keys()


async def consumer(name, q, charge, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        key = KEYS.make(item)
        left, d = attempts, delay
        while left:
            left -= 1
            try:
                await charge(item, key=key)
            except TransientError:
                if not left:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
                d *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
