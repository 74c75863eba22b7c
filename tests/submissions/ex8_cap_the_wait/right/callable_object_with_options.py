# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the consumer is an object with __call__ and **options, and counts in a subclass of its own
# expect: Passed: whatever accepts the call will do.
import asyncio
import collections
import random


class TransientError(Exception):
    pass


DEFAULTS = dict(attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0)
Step = collections.namedtuple("Step", "wait last")


class Consumer:
    def __call__(self, name, q, process_item, stats, **options):
        return self.work(q, process_item, stats, {**DEFAULTS, **options})

    async def work(self, q, process_item, stats, o):
        while True:
            item = await q.get()
            ok = await self.settle(item, process_item, stats, o)
            stats["consumed" if ok else "failed"] += 1
            q.task_done()

    async def settle(self, item, process_item, stats, o):
        loop = asyncio.get_running_loop()
        zero = loop.time()
        for step in self.steps(o):
            try:
                await process_item(item)
                return True
            except TransientError:
                late = o["deadline"] is not None and loop.time() + step.wait > zero + o["deadline"]
            if step.last or late:
                return False
            stats["retried"] += 1
            await asyncio.sleep(step.wait)

    def steps(self, o):
        d = o["delay"]
        for number in range(1, o["attempts"] + 1):
            d = d if d < o["max_delay"] else o["max_delay"]
            yield Step(d + random.uniform(0, o["jitter"]) * d, number == o["attempts"])
            d = d * o["backoff"]


consumer = Consumer()
