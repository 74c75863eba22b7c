# label: wrong
# exercise: ex4_add_jitter
# misconception: ignores-jitter
# contract: ex4: up to d is added, whatever jitter says
# expect: Up to d is added whatever jitter says: the random number has to be multiplied by jitter as well.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        pause = delay
        for left in range(attempts - 1, -1, -1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if not left:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(pause * (1 + random.random()))
            pause *= backoff
        q.task_done()
