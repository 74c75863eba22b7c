# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; the pauses come from itertools
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio
from itertools import accumulate, chain, repeat
from operator import mul


class TransientError(Exception):
    pass


def pauses(attempts, delay, backoff):
    growing = accumulate(repeat(backoff, attempts - 2), mul, initial=delay) if attempts > 1 else ()
    return chain(growing, [None])


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for pause in pauses(attempts, delay, backoff):
            try:
                await process_item(item)
            except TransientError:
                if pause is None:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        q.task_done()
