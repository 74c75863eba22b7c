# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-too-coarse
# contract: ex4: the random part is either 0 or d * jitter
# expect: The random part is either nothing or all of d * jitter: half of the clients come back together, and so does the other half.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        pause = delay
        for number in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if number == attempts:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(pause + pause * jitter * random.randint(0, 1))
            pause *= backoff
        q.task_done()
