# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-not-uniform
# contract: ex4: 6 (d depends on k alone): the growing delay lives in a registry under the consumer's name, so consumers of the same name push each other's delay on and set it back; when two of one name fail at overlapping times
# expect: Some random parts are likelier than others.
import asyncio
import random

backoffs = {}


class TransientError(Exception):
    pass


class Backoff:
    def __init__(self):
        self.failed = 0

    def reset(self):
        self.failed = 0

    def next_wait(self, delay, backoff, jitter):
        d = delay * backoff**self.failed
        self.failed += 1
        return d + random.uniform(0, d * jitter)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    state = backoffs.setdefault(name, Backoff())
    while True:
        item = await q.get()
        state.reset()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(state.next_wait(delay, backoff, jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
