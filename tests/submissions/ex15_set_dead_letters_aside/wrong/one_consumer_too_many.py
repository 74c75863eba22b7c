# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: work-runs-beside-the-consumer
# contract: 4: one consumer more than asked
# expect: 4 items were at work with consumers=3.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = dict(consumed=0, retried=0, failed=0)
    row, busy, drained = [], set(), False
    news = asyncio.Condition()

    async def settle(item):
        for k in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if k == attempts:
                    await dead_letters.put((item, k, error))
                    stats["failed"] += 1
                    return
            else:
                stats["consumed"] += 1
                return
            stats["retried"] += 1
            d = delay * backoff ** (k - 1)
            await asyncio.sleep(d + random.uniform(0, d * jitter))

    async def consumer():
        while True:
            async with news:
                while True:
                    free = [pair for pair in row if pair[0] not in busy]
                    if free:
                        break
                    if drained and not row:
                        return
                    await news.wait()
                key, item = pair = free[0]
                del row[next(n for n, one in enumerate(row) if one is pair)]
                busy.add(key)
                news.notify_all()
            await settle(item)
            async with news:
                busy.remove(key)
                news.notify_all()

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers + 1):
            group.create_task(consumer())
        for item in items:
            async with news:
                await news.wait_for(lambda: len(row) < maxsize)
                row.append((key_of(item), item))
                news.notify_all()
        async with news:
            drained = True
            news.notify_all()
    return stats
