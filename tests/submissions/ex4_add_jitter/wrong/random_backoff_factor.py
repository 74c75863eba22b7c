# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-on-the-factor
# contract: ex4: the factor is random instead of the wait
# expect: The factor backoff is made random: the first retry has no random part and later ones too much.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    spread = random.uniform(0, jitter)
                    await asyncio.sleep(delay * (backoff + spread) ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
