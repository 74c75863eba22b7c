# label: wrong
# exercise: ex8_cap_the_wait
# misconception: state-shared-between-runs
# contract: ex8 point 1: the pauses are kept in the module by delay and backoff, with the first max_delay that came
# expect: A later call with another max_delay pauses under the ceiling of an earlier one.
import asyncio
import random
import time


class TransientError(Exception):
    pass


LADDERS = {}


def ladder(delay, backoff, max_delay, steps):
    """The first pauses, without their random parts."""
    known = LADDERS.setdefault((delay, backoff), [min(delay, max_delay)])
    while len(known) < steps:
        known.append(min(known[-1] * backoff, max_delay))
    return known


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    while True:
        item = await q.get()
        began = time.perf_counter()
        pauses = ladder(delay, backoff, max_delay, attempts)
        for tried in range(attempts):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                pause = pauses[tried] * (1 + random.uniform(0, jitter))
                late = deadline is not None and time.perf_counter() - began + pause > deadline
                if late or tried + 1 == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
        q.task_done()
