# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; consumer is an object that takes **options
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import random
from types import SimpleNamespace


class TransientError(Exception):
    pass


class JitteredConsumer:
    def __init__(self, **defaults):
        self.defaults = defaults

    async def __call__(self, name, q, process_item, stats, **options):
        o = SimpleNamespace(**(self.defaults | options))
        while True:
            item = await q.get()
            failures = 0
            while True:
                try:
                    await process_item(item)
                except TransientError:
                    failures += 1
                else:
                    key = "consumed"
                    break
                if failures == o.attempts:
                    key = "failed"
                    break
                stats["retried"] += 1
                d = o.delay * o.backoff ** (failures - 1)
                await asyncio.sleep(d + random.uniform(0.0, o.jitter) * d)
            stats[key] += 1
            q.task_done()


consumer = JitteredConsumer(attempts=4, delay=0.03, backoff=2.0, jitter=0.25)
