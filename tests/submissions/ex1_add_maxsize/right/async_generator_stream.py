# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; consumers loop over an async generator
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time

END = object()


async def stream(q):
    """What the queue gives, until the end mark."""
    while True:
        item = await q.get()
        if item is END:
            return
        yield item


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    zero = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def handle_all():
        async for item in stream(q):
            await work(item)

    async with asyncio.TaskGroup() as tg:
        for n in range(1, consumers + 1):
            tg.create_task(handle_all(), name=f"C{n}")
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - zero:.3f}", flush=True)
        for _ in range(consumers):
            await q.put(END)


if __name__ == "__main__":
    async def store(reading):
        await asyncio.sleep(0.09)

    asyncio.run(run_pipeline(range(1, 16), store))
