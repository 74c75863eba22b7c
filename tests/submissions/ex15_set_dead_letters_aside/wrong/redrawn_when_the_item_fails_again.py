# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-once-per-item
# contract: 7: the first retry has a draw of its own, and all later ones of the item share a second one
# expect: The later retries of an item had the same random part.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    waiting, busy, state = {}, set(), {"news": asyncio.Event(), "more": True}

    def tell():
        state["news"].set()
        state["news"] = asyncio.Event()

    def take():
        for number, (key, item) in waiting.items():
            if key not in busy:
                busy.add(key)
                del waiting[number]
                tell()
                return key, item
        return None

    async def produce():
        for number, item in enumerate(items):
            while len(waiting) >= maxsize:
                await state["news"].wait()
            waiting[number] = key_of(item), item
            tell()
        state["more"] = False
        tell()

    async def try_it(item):
        error = None
        shares = [random.random(), random.random()]
        for k in range(attempts):
            try:
                return await process_item(item), None, k + 1
            except TransientError as e:
                error = e
            if k < attempts - 1:
                stats["retried"] += 1
                clean = delay * backoff ** k
                await asyncio.sleep(clean * (1 + jitter * shares[min(k, 1)]))
        return None, error, attempts

    async def consume():
        while True:
            pair = take()
            if pair is None:
                if not state["more"] and not waiting:
                    return
                await state["news"].wait()
                continue
            _, error, tries = await try_it(pair[1])
            if error is not None:
                await dead_letters.put((pair[1], tries, error))
            stats["consumed" if error is None else "failed"] += 1
            busy.discard(pair[0])
            tell()

    tasks = [asyncio.create_task(produce())] + [asyncio.create_task(consume()) for _ in range(consumers)]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    return stats
