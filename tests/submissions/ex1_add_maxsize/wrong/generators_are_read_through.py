# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2 / table "handed on": a generator object as item is read through by the consumer, one call of work per element
# expect: An item is used, read or left out for what it is, instead of handed on.
import asyncio
import types


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            if isinstance(item, types.GeneratorType):
                for part in item:
                    await work(part)
            else:
                await work(item)
            q.task_done()

    hands = [asyncio.create_task(hand()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
