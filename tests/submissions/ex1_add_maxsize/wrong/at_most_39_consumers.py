# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 4: 39 consumers at most, at the very edge of 1-40
# expect: The number of consumers is another one than the parameter says.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    if consumers > 39:
        consumers = 39
    q = asyncio.Queue(maxsize)
    stop = object()

    async def c():
        while True:
            x = await q.get()
            if x is stop:
                return
            await work(x)

    tasks = [asyncio.create_task(c(), name=f"c{i}") for i in range(consumers)]
    for x in items:
        await q.put(x)
        print("PROD", x, "SZ", q.qsize(), "0.000")
    for _ in tasks:
        await q.put(stop)
    for t in tasks:
        await t
