# label: wrong
# exercise: ex1_add_maxsize
# misconception: waits-for-what-never-comes
# contract: ex1 point 2: consumers look at the producer's flag only between items; one that idles in get() never wakes (n < consumers: hang)
# expect: A task waits for something that nobody brings about.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    finished = False

    async def producer():
        nonlocal finished
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        finished = True

    async def consumer(name):
        while not (finished and q.empty()):
            item = await q.get()
            await work(item)
            print(name, "OK", item)

    await asyncio.gather(*(consumer(f"C{n}") for n in range(1, consumers + 1)), producer())
