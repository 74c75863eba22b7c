# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; no lasting consumers: a dispatcher first gets a free slot (LifoQueue), then an item, and starts one task per item
# expect: Passed.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    waiting = asyncio.Queue(maxsize)
    slots = asyncio.LifoQueue()
    for n in range(consumers, 0, -1):
        slots.put_nowait(n)
    nothing_more = object()

    def say(*fields):
        print(*fields, f"{time.perf_counter() - start:.3f}", sep=" ", end="\n", flush=True)

    async def job(slot, item):
        try:
            await work(item)
            say(f"C{slot}", "OK", item)
        finally:
            slots.put_nowait(slot)

    async with asyncio.TaskGroup() as jobs:

        async def dispatch():
            while True:
                slot = await slots.get()  # a free hand first ...
                item = await waiting.get()  # ... and only then an item for it
                if item is nothing_more:
                    return
                jobs.create_task(job(slot, item))

        jobs.create_task(dispatch())
        for item in items:
            await waiting.put(item)
            say("PROD", item, "SZ", waiting.qsize())
        await waiting.put(nothing_more)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
