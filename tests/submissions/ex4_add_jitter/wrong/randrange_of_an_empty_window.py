# label: wrong
# exercise: ex4_add_jitter
# misconception: formula-breaks-down
# contract: ex4 jitter=0 gives exactly d: like Go's rand.Int63n: randrange(0) raises ValueError and kills the consumer at its first retry; for jitter=0 (and delay=0)
# expect: A formula has no answer for some settings.
import asyncio
import random


class TransientError(Exception):
    pass


def with_jitter(seconds, jitter):
    window_ns = int(seconds * jitter * 1_000_000_000)
    return seconds + random.randrange(window_ns) / 1_000_000_000


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts - 1:
                    stats["retried"] += 1
                    await asyncio.sleep(with_jitter(delay * backoff**attempt, jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
