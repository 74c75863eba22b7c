# label: wrong
# exercise: ex4_add_jitter
# misconception: delay-shared-by-consumers
# contract: ex4 between the tries d + u seconds pass: a success of any consumer sharing the stats ends the waits of the others early; for two or more consumers, one succeeding while another waits
# expect: All consumers use and change one pause.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    recovered = stats.setdefault("recovered", asyncio.Event())
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                recovered.clear()
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    try:  # the service is back as soon as anybody gets through
                        await asyncio.wait_for(recovered.wait(), d + random.uniform(0, d * jitter))
                    except TimeoutError:
                        pass
            else:
                recovered.set()
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
