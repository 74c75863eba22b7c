# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2 / table "handed on": bytes are decoded on their way
# expect: An item is used, read or left out for what it is, instead of handed on.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            if isinstance(item, bytes):
                item = item.decode(errors="replace")
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
