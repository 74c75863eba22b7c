# label: wrong
# exercise: ex4_add_jitter
# misconception: jitter-from-hash
# contract: ex4: the random part is a hash of the name and the attempt
# expect: The random part is a hash of the name and the attempt: it is the same for every item, and for every consumer of that name.
import asyncio


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
                    d = delay * backoff ** (attempt - 1)
                    share = hash((name, attempt)) % 1000 / 1000
                    stats["retried"] += 1
                    await asyncio.sleep(d + d * jitter * share)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
