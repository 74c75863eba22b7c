# label: right
# exercise: ex9_charge_once
# contract: keeps every point; 128 bits of the module's generator, which nobody seeds; a callable object takes any options
# expect: Passed.
import asyncio
import random
from types import SimpleNamespace


class TransientError(Exception):
    pass

class Consumer:
    def __init__(self, **defaults):
        self.defaults = defaults

    async def __call__(self, name, q, charge, stats, **options):
        o = SimpleNamespace(**(self.defaults | options))
        while True:
            item = await q.get()
            key = f"{random.getrandbits(128):032x}"
            failures = 0
            while True:
                try:
                    await charge(item, key=key)
                except TransientError:
                    failures += 1
                else:
                    outcome = "consumed"
                    break
                if failures == o.attempts:
                    outcome = "failed"
                    break
                stats["retried"] += 1
                d = o.delay * o.backoff ** (failures - 1)
                await asyncio.sleep(d + random.uniform(0.0, o.jitter) * d)
            stats[outcome] += 1
            q.task_done()


consumer = Consumer(attempts=4, delay=0.03, backoff=2.0, jitter=0.25)
