# label: wrong
# exercise: ex4_add_jitter
# misconception: seeded-in-step
# contract: ex4: the draws are a function of the item
# expect: The generator is seeded with the item: the same item waits the same time in every run and in every copy of the program.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        dice = random.Random(f"payment-{item}")
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + d * jitter * dice.random())
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
