# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; The stats have further keys (tries, seconds, one entry per consumer), which the contract leaves to the learner
# expect: Passed.
"""The report says a little more than it has to."""

import asyncio
import random


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""

async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    loop = asyncio.get_running_loop()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            stats["tries"] = stats.get("tries", 0) + 1
            began = loop.time()
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(clean + random.uniform(0, clean * jitter))
            else:
                stats["consumed"] += 1
                break
            finally:
                took = loop.time() - began
                stats["longest"] = max(stats.get("longest", 0.0), took)
        else:
            stats["failed"] += 1
        by = stats.setdefault("settled by", {})
        by[name] = by.get(name, 0) + 1
        q.task_done()


async def run_pipeline(
    items,
    process_item,
    *,
    consumers=3,
    maxsize=3,
    attempts=4,
    delay=0.03,
    backoff=2.0,
    jitter=0.25,
):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
