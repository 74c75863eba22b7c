# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-once-per-item
# contract: 7: the first pause draws some seconds, and the later ones add the same
# expect: The random part was the same seconds before each retry of an item.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


async def run_pipeline(items, key_of, process_item, dead_letters, **options):
    given = {"consumers": 3, "maxsize": 3, "attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
    given.update(options)
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    tokens = asyncio.Queue()
    for token in range(given["consumers"]):
        tokens.put_nowait(token)
    count = 0
    less = asyncio.Event()
    turns = {}

    async def tries(item):
        for number in range(1, given["attempts"] + 1):
            try:
                await process_item(item)
            except TransientError as error:
                yield number, error
            else:
                yield number, None
                return

    async def settle(item):
        extra = None
        async for number, error in tries(item):
            if error is None:
                stats["consumed"] += 1
            elif number == given["attempts"]:
                stats["failed"] += 1
                await dead_letters.put((item, number, error))
            else:
                stats["retried"] += 1
                d = given["delay"] * given["backoff"] ** (number - 1)
                if extra is None:
                    extra = random.uniform(0, d * given["jitter"])
                await asyncio.sleep(d + extra)

    async def turn(item, key, before, mine):
        nonlocal count
        if before is not None:
            await before
        token = await tokens.get()
        await settle(item)
        tokens.put_nowait(token)
        mine.set_result(None)
        if turns.get(key) is mine:
            del turns[key]
        count -= 1
        less.set()

    async with asyncio.TaskGroup() as group:
        for item in items:
            while count >= given["maxsize"] + given["consumers"]:
                less.clear()
                await less.wait()
            key = key_of(item)
            before, turns[key] = turns.get(key), asyncio.get_running_loop().create_future()
            count += 1
            group.create_task(turn(item, key, before, turns[key]))
    return stats
